import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import t from 'tap'
import { day } from '../../recorded.ts'

const DEMO = new URL('../../../server/demo/demo.ts', import.meta.url).pathname

const run = async (temporary: string) => {
  const { FORCE_COLOR: _colours, NODE_OPTIONS: _taps, ...inherited } = process.env
  const env = { ...inherited, TMPDIR: temporary }
  const child = spawn(process.execPath, [DEMO], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said: Record<'out' | 'err', string> = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', text => {
    said.out += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    said.err += text
  })
  const [code] = await once(child, 'close')
  return { code, ...said, lines: said.out.trimEnd().split('\n') }
}

interface Row {
  name: string
  type: string
  value: string
  phase: string
  found: string
}

const ROW = /^(?<name>\S+) +(?<type>A|AAAA|PTR) +(?<value>\S+) +(?<phase>[a-z]+) +(?<found>yes|no) +\S/

const rowsOf = (lines: string[]): Row[] =>
  lines.slice(lines.findIndex(line => line.startsWith('NAME '))).flatMap(line => {
    const { groups } = ROW.exec(line) ?? {}
    return groups ? [groups as unknown as Row] : []
  })

t.test('the demo plays a day, and its table agrees with DNS and with itself', async t => {
  const temporary = t.testdir({})
  const { code, out, err, lines } = await run(temporary)
  t.equal(code, 0, err)
  t.equal(err, '')
  t.same(readdirSync(temporary), [], 'nothing is left behind')
  t.notOk(out.includes('\u001b'), 'no colours where nobody looks on')
  t.ok(Math.max(...lines.map(line => line.length)) <= 120, 'no line is longer than 120')

  const decided = lines.slice(3, lines.indexOf('', 3))
  for (const verb of ['publish', 'keep', 'await', 'remove', 'conflict', 'skip']) {
    t.ok(
      decided.some(line => line.includes(` ${verb} `)),
      `a decision to ${verb}`,
    )
  }
  const calls = day().filter(
    ({ variables }) => variables.LEASES4_SIZE !== '0' || variables.DELETED_LEASES4_SIZE !== '0',
  )
  t.equal(
    decided.filter(line => !line.startsWith(' ')).length,
    calls.length,
    'a line for every call that tells something',
  )

  const rows = rowsOf(lines)
  const served = new Set(['published', 'retained', 'awaiting'])
  for (const { name, type, value, phase, found } of rows) {
    t.equal(found, served.has(phase) ? 'yes' : 'no', `${name} ${type} ${value} is ${phase}`)
  }
  const held = rows.filter(row => row.found === 'yes')
  t.equal(new Set(held.map(row => `${row.name} ${row.type}`)).size, held.length, 'one value a name and type')
  for (const { name, value } of held.filter(row => row.type === 'PTR')) {
    t.ok(
      held.some(row => row.type !== 'PTR' && row.name === value && row.value === name),
      `${name} has a way back`,
    )
  }
  for (const phase of ['published', 'retained', 'awaiting', 'removed', 'conflict']) {
    t.match(out, `${rows.filter(row => row.phase === phase).length} ${phase}`, `the summary counts the ${phase}`)
  }
  t.match(rows.find(row => row.name === 'roam.lab.example')?.phase, 'conflict', 'what a person made is left alone')
  t.match(out, `${rows.length} records: `)
  t.match(out, 'DNS agrees with every one')
  t.match(lines.at(-2)! + lines.at(-1)!, 'Next: ')
})
