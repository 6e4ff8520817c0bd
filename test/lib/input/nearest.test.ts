import t from 'tap'
import { z } from 'zod'
import { keysAt, nearest } from '../../../lib/input/nearest.ts'
import { Config } from '../../../schemas/config/leasehold.ts'

t.test('the nearest known word is found, and nothing where none is near', async t => {
  const known = ['http', 'store', 'scopes', 'retainOnExpiry']
  t.equal(nearest('scope', known), 'scopes')
  t.equal(nearest('htpt', known), 'http')
  t.equal(nearest('retainonexpire', known), 'retainOnExpiry')
  t.equal(nearest('zebra', known), null)
  t.equal(nearest('x'.repeat(1000), known), null)
})

t.test('the keys of a place are those of the alternative that is meant there', async t => {
  const input = { dns: [{ kind: 'rfc2136' }, { kind: 'embedded' }] }
  t.ok(keysAt(Config, ['dns', 0], input).includes('marker'))
  t.notOk(keysAt(Config, ['dns', 1], input).includes('marker'))
  t.ok(keysAt(Config, ['dns', 0, 'tsig'], input).includes('keyFile'))
  t.strictSame(keysAt(Config, ['nowhere', 0], input), [])
  t.strictSame(keysAt(z.object({ a: z.object({ b: z.string() }).default({ b: '' }) }), ['a'], {}), ['b'])
})
