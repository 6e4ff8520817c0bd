import fc from 'fast-check'
import t from 'tap'
import { eventsOf, textsOnly } from '../../../lib/kea/callout.ts'
import { CalloutBody } from '../../../schemas/kea/callout.ts'
import { LEASE4 } from './variables.ts'

const value = fc.oneof(
  { weight: 8, arbitrary: fc.string() },
  fc.constantFrom<unknown>(1, true, null, undefined, Number.NaN, [], {}, new Date(0)),
)
const variables = fc.oneof(
  { weight: 4, arbitrary: fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('constructor', '__proto__')), value) },
  fc.constant(LEASE4),
)
const nearly = fc.oneof(
  fc.record({ variables: fc.oneof({ weight: 8, arbitrary: variables }, fc.anything()) }),
  fc.record({ variables, Variables: fc.anything() }, { requiredKeys: ['variables'] }),
  fc.json().map(text => ({ variables: JSON.parse(text) })),
)
const bodies = fc.oneof({ weight: 4, arbitrary: nearly }, fc.anything({ withNullPrototype: true, withMap: true }))

t.test('what is taken without the schema is what the schema makes of it', async t => {
  let taken = 0
  fc.assert(
    fc.property(bodies, body => {
      const quick = textsOnly(body)
      if (!quick) return
      taken++
      const read = CalloutBody.safeParse(body)
      t.ok(read.success)
      t.strictSame({ variables: { ...quick.variables } }, { variables: { ...read.data?.variables } })
    }),
    { numRuns: 5000 },
  )
  t.ok(taken > 500, `${taken} of 5000 were taken`)
})

t.test('a callout of the hook script is taken; what the schema refuses or changes is left to it', async t => {
  const body = { variables: LEASE4 }
  t.equal(textsOnly(body), body)
  t.strictSame(eventsOf('lease4_release', textsOnly(body)!.variables), eventsOf('lease4_release', LEASE4))
  const left = [
    null,
    'variables',
    [],
    {},
    [LEASE4],
    { variables: [] },
    { variables: 'LEASE4' },
    { variables: new Map() },
    { variables: LEASE4, more: 1 },
    { variables: { ...LEASE4, LEASE4_CLTT: 1 } },
    { variables: { ...LEASE4, LEASE4_CLTT: null } },
    { variables: JSON.parse('{"__proto__": "text"}') },
  ]
  for (const one of left) t.equal(textsOnly(one), null, JSON.stringify(one))
})
