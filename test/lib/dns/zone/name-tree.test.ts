import t from 'tap'
import { NameTree } from '../../../../lib/dns/zone/name-tree.ts'

const a = (name: string) => ({ name, type: 'A' as const, ttl: 300, value: '10.0.0.1' })

t.test('empty non-terminals come and go with what is below them', async t => {
  const tree = new NameTree('lab.example')
  tree.add(a('c.b.a.lab.example'))
  tree.add(a('x.b.a.lab.example'))
  tree.deleteRR(a('c.b.a.lab.example'))
  t.notOk(tree.exists('c.b.a.lab.example'))
  t.ok(tree.exists('b.a.lab.example'), 'there is another name below')
  tree.add(a('b.a.lab.example'))
  tree.deleteRR(a('x.b.a.lab.example'))
  t.ok(tree.exists('a.lab.example'), 'the name between has an RR of its own')
  tree.deleteRRset(a('b.a.lab.example'))
  for (const name of ['b.a.lab.example', 'a.lab.example']) t.notOk(tree.exists(name), name)
  t.ok(tree.exists('lab.example'), 'the apex always exists')
})

t.test('what a zone covers ends at a label boundary', async t => {
  const tree = new NameTree('lab.example')
  t.ok(tree.covers('lab.example'))
  t.ok(tree.covers('a.lab.example'))
  t.notOk(tree.covers('xlab.example'))
  t.notOk(tree.covers('example'))
})

t.test('values are compared without regard to case, texts with it', async t => {
  const tree = new NameTree('lab.example')
  tree.add({ name: 'p.lab.example', type: 'PTR', ttl: 300, value: 'NAS.Lab.Example' })
  tree.add({ name: 'p.lab.example', type: 'TXT', ttl: 300, value: 'Hello' })
  t.ok(tree.has({ name: 'p.lab.example', type: 'PTR', value: 'nas.lab.example' }))
  t.notOk(tree.has({ name: 'p.lab.example', type: 'TXT', value: 'hello' }))
  tree.deleteRR({ name: 'p.lab.example', type: 'PTR', value: 'nas.lab.EXAMPLE' })
  t.notOk(tree.rrset('p.lab.example', 'PTR'))
})
