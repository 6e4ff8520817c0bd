import t from 'tap'
import { CalloutBody, Point } from '../../../schemas/kea/callout.ts'

t.test('variables as a script may send them', async t => {
  const rows: [sent: unknown, taken: Record<string, string>][] = [
    [{}, {}],
    [
      { LEASE4_STATE: 'default', LEASE4_HOSTNAME: '' },
      { LEASE4_STATE: 'default', LEASE4_HOSTNAME: '' },
    ],
    [{ LEASE4_CLTT: 1_795_248_907 }, { LEASE4_CLTT: '1795248907' }],
    [{ REMOVE_LEASE: false }, { REMOVE_LEASE: 'false' }],
    [{ PATH: '/bin' }, { PATH: '/bin' }],
  ]
  for (const [sent, taken] of rows) t.same(CalloutBody.parse({ variables: sent }), { variables: taken })
})

t.test('what is no callout', async t => {
  const rows: [what: string, body: unknown][] = [
    ['nothing', undefined],
    ['a text', 'LEASE4_STATE=default'],
    ['no variables', {}],
    ['a list', { variables: ['LEASE4_STATE'] }],
    ['an object for a value', { variables: { LEASE4_STATE: {} } }],
    ['a list for a value', { variables: { LEASE4_STATE: [] } }],
    ['null for a value', { variables: { LEASE4_STATE: null } }],
    ['another key', { variables: {}, point: 'lease4_renew' }],
    ['a prototype', JSON.parse('{"variables": {}, "__proto__": {}}')],
  ]
  for (const [what, body] of rows) t.notOk(CalloutBody.safeParse(body).success, what)
})

t.test('a prototype among the variables has no effect', async t => {
  const { variables } = CalloutBody.parse(JSON.parse('{"variables": {"__proto__": "x", "LEASE4_CLTT": "1"}}'))
  t.equal(Object.getPrototypeOf(variables), Object.prototype)
  t.same(Object.keys(variables), ['LEASE4_CLTT'])
})

t.test('the points of run_script', async t => {
  for (const point of ['leases4_committed', 'lease6_rebind', 'addr6_register'])
    t.ok(Point.safeParse(point).success, point)
  for (const point of ['lease4_rebind', 'lease4_offer', '']) t.notOk(Point.safeParse(point).success, point)
})
