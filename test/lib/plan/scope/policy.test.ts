import t from 'tap'
import {
  fieldsIn,
  mergedFields,
  originsOf,
  type PolicyLayers,
  patched,
  policyOf,
} from '../../../../lib/plan/scope/policy.ts'
import { type Policy, PolicyFields, type PolicyOrigin, PolicyPatch } from '../../../../schemas/model/policy.ts'

const ROWS: [layers: PolicyLayers, field: keyof Policy, value: unknown, from: PolicyOrigin][] = [
  [{}, 'profile', 'balanced', 'default'],
  [{}, 'retainOnExpiry', true, 'profile'],
  [{}, 'ttl', 300, 'default'],
  [{ kea: { profile: 'aggressive' } }, 'profile', 'aggressive', 'kea'],
  [{ kea: { profile: 'aggressive' } }, 'retainOnExpiry', false, 'profile'],
  [{ kea: { ttl: 60 }, config: { ttl: 70 } }, 'ttl', 70, 'config'],
  [{ kea: { ttl: 60 }, config: { ttl: 70 }, api: { ttl: 80 } }, 'ttl', 80, 'api'],
  [{ kea: { ttl: 60 }, api: { forward: false } }, 'ttl', 60, 'kea'],
  [{ kea: { ttl: 60 }, config: { ttl: undefined } as PolicyLayers['config'] & object }, 'ttl', 60, 'kea'],
  [{ config: { retainOnExpiry: true }, api: { profile: 'aggressive' } }, 'retainOnExpiry', true, 'config'],
  [{ config: { retainOnExpiry: true }, api: { profile: 'aggressive' } }, 'retainPtrOnExpiry', false, 'profile'],
  [{ config: { forward: true }, api: { forward: false } }, 'forward', false, 'api'],
]

t.test('each field is what the highest layer says that says it, and from there', async t => {
  for (const [layers, field, value, from] of ROWS) {
    t.equal(policyOf(mergedFields(layers))[field], value, JSON.stringify(layers))
    t.equal(originsOf(layers)[field], from, JSON.stringify(layers))
  }
})

t.test('every field has an origin, and can be changed and reset', async t => {
  const fields = Object.keys(PolicyFields.shape)
  t.strictSame(Object.keys(originsOf({})), fields)
  t.strictSame(Object.keys(PolicyPatch.shape), fields)
  t.ok(PolicyPatch.safeParse(Object.fromEntries(fields.map(field => [field, null]))).success)
  t.notOk(PolicyPatch.safeParse({ name: 'x' }).success)
})

t.test('a change sets fields, and null takes them out', async t => {
  const before = PolicyFields.parse({ ttl: 60, grace: '1h' })
  t.strictSame(patched(before, { ttl: null, forward: false }), { grace: before.grace, forward: false })
  t.strictSame(patched(before, {}), before)
  t.strictSame(patched({}, { ttl: null }), {})
  t.strictSame(PolicyFields.parse(before), before, 'what is kept is read back as it was')
  t.strictSame(fieldsIn({ ...before, name: 'office' } as PolicyFields), before)
})
