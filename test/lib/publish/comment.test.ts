import t from 'tap'
import { commentOf } from '../../../lib/publish/comment.ts'
import { A, owned } from './look-records.ts'

t.test('a comment tells who wrote an RR, for whom, and why', async t => {
  t.equal(commentOf([owned('dhcid', 'A', A)], 200), 'leasehold: dynamic, scope office, client id:01: It is held.')
})

t.test('it is ASCII, and no longer than the server keeps', async t => {
  const long = owned('dhcid', 'A', A, { scope: 'Büro', reason: 'x'.repeat(300) })
  t.match(commentOf([long], 200), /^leasehold: dynamic, scope B\?ro, .*\.\.\.$/)
  t.equal(commentOf([long], 200).length, 200)
})

t.test('where nothing is wanted, or no comment is kept, there is none', async t => {
  t.equal(commentOf([owned('dhcid', 'A', A, { wanted: null })], 200), '')
  t.equal(commentOf([owned('dhcid', 'A', A, { stopped: 'conflict' })], 200), '')
  t.equal(commentOf([owned('dhcid', 'A', A)], 0), '')
})
