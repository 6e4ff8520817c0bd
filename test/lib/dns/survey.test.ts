import t from 'tap'
import { surveyOf } from '../../../lib/dns/survey.ts'

const ZONE = 'lab.example'

/** What a zone says, line by line: `name TYPE value`. */
const survey = (lines: string[]) => {
  const { add, end } = surveyOf(ZONE, {
    isPointer: ({ target }) => target.endsWith(ZONE),
    isMade: ({ value }) => value.startsWith('10.'),
  })
  for (const line of lines) {
    const [, name, type, value] = /^(\S+) (\S+) (.*)$/.exec(line)!
    add({ name: name!, type: type!, ttl: 300, value: value! }, 7)
  }
  const { pointers, made } = end()
  return {
    pointers: pointers.map(({ owner, type, target }) => `${owner} ${type} ${target}`),
    made: made.map(({ name, type, value, since }) => `${name} ${type} ${value} ${since}`),
  }
}

const rows: [says: string, lines: string[], pointers: string[], made: string[]][] = [
  ['an alias points', ['www.lab.example CNAME web.lab.example'], ['www.lab.example CNAME web.lab.example'], []],
  ['so does MX', ['lab.example MX 10 mail.lab.example'], ['lab.example MX mail.lab.example'], []],
  ['so does SRV', ['_x._tcp.lab.example SRV 0 0 389 Dc.lab.example.'], ['_x._tcp.lab.example SRV dc.lab.example'], []],
  ['so does NS', ['lab.example NS ns.lab.example'], ['lab.example NS ns.lab.example'], []],
  ['so does NS at a cut', ['sub.lab.example NS ns.lab.example'], ['sub.lab.example NS ns.lab.example'], []],
  ['what is below a cut does not', ['sub.lab.example NS ns.other', 'a.sub.lab.example CNAME web.lab.example'], [], []],
  ['a PTR does not', ['1.0.0.10.in-addr.arpa PTR web.lab.example'], [], []],
  ['nothing points to itself', ['web.lab.example MX 10 web.lab.example'], [], []],
  ['what leads elsewhere does not count', ['www.lab.example CNAME web.example'], [], []],
  ['an address that matters', ['pve1.lab.example A 10.1.0.5'], [], ['pve1.lab.example A 10.1.0.5 7']],
  ['an address of elsewhere', ['pve1.lab.example A 192.0.2.1'], [], []],
  [
    'glue',
    ['ns.sub.lab.example A 10.1.0.5', 'sub.lab.example NS ns.sub.lab.example'],
    ['sub.lab.example NS ns.sub.lab.example'],
    [],
  ],
]

for (const [says, lines, pointers, made] of rows) {
  t.test(says, async t => {
    t.strictSame(survey(lines), { pointers, made })
    t.strictSame(survey(lines.toReversed()), { pointers, made }, 'in any order')
  })
}

t.test('of many pointers to one name a few are kept', async t => {
  const lines = Array.from({ length: 100 }, (_, i) => `w${i}.lab.example CNAME web.lab.example`)
  const { pointers } = survey([...lines, 'www.lab.example CNAME other.lab.example'])
  t.equal(pointers.length, 6)
  t.ok(pointers.includes('www.lab.example CNAME other.lab.example'))
})
