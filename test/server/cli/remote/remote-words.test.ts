import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { dayOf, eventOf, type Face, LOOK, OPERATE } from '../../../real/face/face.ts'
import { until } from '../../http/inject.ts'
import { command, type Ended } from '../spawned.ts'

const env = ({ url }: Face, token = OPERATE) => ({ LEASEHOLD_URL: url, LEASEHOLD_TOKEN: token })

/** Each command on the names of a day, in this order: its words, what a person reads, and what its JSON holds. */
const COMMANDS: [words: string[], says: RegExp, json: object][] = [
  [['status'], /^1 hold wait.*\n[\s\S]*findings +3: leasehold findings\n/, { ready: true, holds: 1 }],
  [['findings'], /WARNING hold hold 1 of lab, since .*\n.*\n {2}Remedy: /, { items: [{ kind: 'hold' }] }],
  [['scopes'], /^NAME +SUBNET +DOMAIN +PROFILE +TTL\noffice +10\.1\.0\.0\/16/, { items: [{ name: 'office' }] }],
  [['scopes', 'guests'], /retainOnExpiry +false +profile\n/, { items: [{ name: 'guests' }] }],
  [['plan'], /^NAME +TYPE +VALUE +PHASE +WAITS FOR\n[\s\S]*router\.lab\.example +A/, { items: Array }],
  [
    ['names'],
    /^NAME +ADDRESS +PHASE +GOES IN +SCOPE\n[\s\S]*tablet.* awaiting +\dh(?: \d+m)? +guests\n/,
    { total: 24 },
  ],
  [['names', '--no-headers', 'recept'], /^reception\.lab\.example +10\.1\.0\.7 +published +office\n$/, { total: 1 }],
  [['names', '02-00-5E-00-00-02', '-o', 'wide'], /CLIENT.*CHANGED\nreception.*hw:02:00:5e:00:00:02/, { total: 1 }],
  [['names', '--scope', 'lab', '--phase', 'retained', '--limit', '2'], /^NAME.*\nnode0.*\nnode1.*\n$/, { total: 12 }],
  [
    ['explain', 'nas'],
    /^nas\.lab\.example +published\n.*holds 10\.1\.0\.5.*\n {2}- .*[\s\S]*can +pin/,
    { name: 'nas.lab.example' },
  ],
  [['explain', '10.1.0.5'], /^nas\.lab\.example/, { name: 'nas.lab.example' }],
  [['explain', '02005e000000'], /^nas\.lab\.example/, { name: 'nas.lab.example' }],
  [
    ['pin', 'nas', '--why', 'the backup', '--until', '2099-01-31 18:00'],
    /pin +by ops.*until 2099-01-31 18:00.*: the backup/,
    { intent: [{ kind: 'pin', why: 'the backup' }] },
  ],
  [['unpin', 'nas'], /^nas\.lab\.example/, { intent: [] }],
  [['promote', 'nas', '--why', 'a server'], /promote +by ops/, { intent: [{ kind: 'promote' }] }],
  [['demote', 'nas'], /^nas\.lab\.example/, { intent: [] }],
  [['release', 'node0'], /release/, { name: 'node0.rack.example' }],
  [['restore', 'node0.rack.example'], /restore/, { name: 'node0.rack.example' }],
  [['assign', 'hw:02:00:5e:00:00:07', 'screen'], /^hw:02:00:5e:00:00:07 is called screen\.\n$/, { name: 'screen' }],
  [['alias', 'www.lab.example', 'nas'], /www\.lab\.example/, { name: 'www.lab.example' }],
  [
    ['set', 'guests', 'retainOnExpiry=true', '--preview'],
    /^Would keep 2.*\nVERB +NAME[\s\S]*visitor/,
    { counts: { keep: 2 } },
  ],
  [['set', 'guests', 'ttl=600', 'grace="2h"'], /^guests: ttl=600, grace="2h"\n$/, { name: 'guests' }],
  [['set', 'guests', 'ttl=null'], /^guests: ttl=null\n$/, { from: { ttl: 'default' } }],
  [['holds'], /^hold 1 \(open\): 2\d of 2\d records of lab, since /, { items: [{ id: 1, state: 'open' }] }],
  [['audit', '--address', '10.1.0.5', '--limit', '5'], /^WHEN +VERB +NAME +VALUE +BY +WHY\n/, { items: Array }],
  [['audit', '--address', '10.1.0.5', '--at', '2099-01-01'], /nas\.lab\.example/, { items: [{ address: '10.1.0.5' }] }],
  [['pause'], /^Writing is paused/, { paused: true }],
  [['resume'], /^Writing goes on/, { paused: false }],
  [['reconcile'], /^\w+: 0 leases new or changed/, { result: String }],
]

t.test('each command says what a person reads, and with --json what the API answers', async t => {
  const face = await dayOf(t)
  for (const [words, says, json] of COMMANDS) {
    const told = await command(words, env(face))
    t.match(told, { code: 0, err: '' }, words.join(' '))
    t.match(told.out, says, words.join(' '))
    // The second time nothing is new, but for a word that says so: 409 ends with 1.
    const again = await command([...words, '--json'], env(face))
    if (again.code !== 1) t.match(JSON.parse(again.out), json, `${words.join(' ')} --json`)
    else t.match(again, { out: '', err: /^leasehold: .*\n$/ }, 'a refusal is one line, and no JSON')
    t.notOk((told.out + again.out).includes('\u001b'), 'no colour in a pipe')
  }
  t.match(await command(['holds', 'reject', '1'], env(face)), { code: 0, out: /^hold 1 \(rejected\)/ })
  t.match(await command(['holds', 'approve', '1'], env(face)), { code: 1, out: '', err: /hold/ })
  t.match(await command(['assign', 'hw:02:00:5e:00:00:07', '--remove'], env(face)), {
    code: 0,
    out: /as it says itself/,
  })
  t.match(await command(['alias', 'www', '--remove'], env(face)), { code: 0, out: /no alias any more/ })
})

/** What goes wrong: the words, the exit code, and the line on standard error. */
const REFUSED: [words: string[], code: number, err: RegExp][] = [
  [['explain', 'no-such'], 3, /nothing is known of "no-such"/],
  [['explain', 'no-such.lab.example'], 3, /no-such\.lab\.example/],
  [['names', 'no-such'], 3, /^$/],
  [['scopes', 'no-such'], 3, /there is no scope "no-such"/],
  [['audit', '--name', 'no-such.example'], 3, /^$/],
  [['holds', 'approve', '99'], 3, /99/],
  [['explain', 'node'], 2, /"node" can be node\d.*: say which/],
  [['release', 'b*'], 3, /b\*/],
  [['release', 'nas'], 1, /lease/],
  [['give-back', 'nas'], 1, /nas\.lab\.example/],
  [['set', 'guests', 'ttl=-1'], 1, /ttl: expected/],
  [['set', 'guests', 'tll=1'], 1, /tll.*ttl/],
  [['set', 'guests', 'ttl'], 2, /FIELD=VALUE/],
  [['names', '--limit', 'all'], 2, /--limit: expected a whole number/],
  [['names', '-o', 'tall'], 2, /expected "wide"/],
  [['holds', 'aprove', '1'], 2, /"approve ID"/],
  [['pin', 'nas', '--until', 'never'], 2, /--until: expected a time/],
  [['pin'], 2, /missing required argument/],
  [['sttaus'], 2, /did you mean "status"/],
  [['status', '--url', 'ftp://x'], 2, /expected a URL/],
  [['status', '--token-file', 'no/such/file'], 2, /--token-file/],
]

t.test('what goes wrong is one line on standard error, with the exit code of its kind', async t => {
  const face = await dayOf(t)
  const isOneLine = ({ out, err }: Ended) => t.match(err, /^(?:leasehold: .*|error: .*)\n$/, `${out}${err}`)
  for (const [words, code, err] of REFUSED) {
    const ended = await command(words, env(face))
    t.match(ended, { code, err }, words.join(' '))
    if (ended.err !== '') isOneLine(ended)
  }
  const look = await command(['pin', 'nas'], env(face, LOOK))
  t.match(look, { code: 77, out: '', err: /role read.*needs operate/ })
  const wrong = await command(['status'], env(face, 'no-such-token'))
  t.match(wrong, { code: 77, out: '', err: /token/ })
  t.notMatch(wrong.err, 'no-such-token')
  await face.restart(async () => {
    for (const words of [['status'], ['watch'], ['names', '-w'], ['pin', 'nas']])
      t.match(await command(words, env(face)), { code: 69, out: '', err: /cannot be reached.*Is Leasehold running/ })
  })
})

t.test('watch and names -w tell each change, until the server is away', async t => {
  const face = await dayOf(t)
  const heard: Record<string, string> = {}
  const running = [['watch'], ['watch', '--json'], ['names', '-w', '--no-headers', 'fresh']].map(words => {
    const key = words.join(' ')
    heard[key] = ''
    return command(words, env(face), text => {
      heard[key] += text
    })
  })
  // Who listens already hears of it; until all do, it goes on happening.
  let n = 100
  await until(async () => {
    n += 1
    await face.report([eventOf('committed', `10.1.1.${n - 100}`, n, { hostname: `fresh${n}` })])
    await new Promise(resolve => setTimeout(resolve, 50))
    return Object.values(heard).every(text => /fresh\d+\.lab\.example/.test(text.replace(/^No names match\.\n/, '')))
  })
  t.match(heard.watch, /^\d\d:\d\d:\d\d publish fresh\d+\.lab\.example A 10\.1\.1\.\d+: /m)
  t.match(JSON.parse(heard['watch --json']!.split('\n')[0]!), { what: String, verb: String, record: Object })
  t.match(heard['names -w --no-headers fresh'], /^fresh\d+\.lab\.example +10\.1\.1\.\d+ +\w+/m)
  await face.restart(async () => {
    for (const ended of await Promise.all(running)) t.match(ended, { code: 69, err: /^leasehold: .*\n$/ })
  })
})

const BIN = fileURLToPath(new URL('../../../../bin/', import.meta.url))

/** The day's names in a process of their own: bash is waited for here. Its environment for a command. */
const servingDay = async (t: Test): Promise<Record<string, string>> => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../../real/face/face-child.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.teardown(async () => {
    const ended = once(child, 'exit')
    child.stdin.end()
    await ended
  })
  const [url] = await once(createInterface(child.stdout), 'line')
  return { LEASEHOLD_URL: url, LEASEHOLD_TOKEN: OPERATE }
}

/** Runs a line in bash, where \`leasehold\` is this program, with what the environment says. */
const inBash = (line: string, env: Record<string, string>) =>
  spawnSync('bash', ['--norc', '--noprofile', '-c', `leasehold() { "$NODE" "$BIN/leasehold.js" "$@"; }\n${line}`], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH!, NODE: process.execPath, BIN, ...env },
  })

t.test('in a pipe nothing is cut, coloured or lost, and a reader may leave', async t => {
  const face = await servingDay(t)
  const { stdout, stderr } = inBash('set -o pipefail; leasehold names | head -1; echo $?', face)
  t.match(stdout, /^NAME +ADDRESS.*\n0\n$/)
  t.equal(stderr, '')
  const settings: Record<string, string>[] = [{}, { NO_COLOR: '1' }, { FORCE_COLOR: '1' }]
  for (const more of settings) {
    const said = inBash('leasehold status; echo $?', { ...face, ...more })
    t.match(said.stdout, /\n0\n$/)
    t.notOk(said.stdout.includes('\u001b'))
  }
})

/** What bash offers after a line, and what is said beside it. */
const offered = (line: string, env: Record<string, string>) => {
  const words = line.split(' ')
  const script = `source <(leasehold completion bash)
COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')})
COMP_CWORD=${words.length - 1}
_leasehold
printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = inBash(script, env)
  return { offers: stdout.split('\n').filter(text => text !== ''), stderr }
}

t.test('bash completes words, options, names, scopes and fields, and nothing when the server is away', async t => {
  const face = await servingDay(t)
  const rows: [line: string, offers: string[]][] = [
    ['leasehold expl', ['explain']],
    ['leasehold __', []],
    ['leasehold names --sc', ['--scope']],
    ['leasehold pin rec', ['reception.lab.example']],
    ['leasehold explain node1', ['node1.rack.example', 'node10.rack.example', 'node11.rack.example']],
    ['leasehold scopes g', ['guests']],
    ['leasehold set off', ['office']],
    ['leasehold set office retainOnE', ['retainOnExpiry=']],
    ['leasehold set office ttl=600 retainOnE', ['retainOnExpiry=']],
  ]
  for (const [line, offers] of rows) t.strictSame(offered(line, face), { offers, stderr: '' }, line)
  const others: Record<string, string>[] = [
    { LEASEHOLD_URL: 'http://127.0.0.1:1' },
    { ...face, LEASEHOLD_TOKEN: 'no-such-token' },
  ]
  for (const away of others) t.strictSame(offered('leasehold pin rec', away), { offers: [], stderr: '' })
})

/** Types lines in a bash on a terminal, each once the prompt is there; resolves with all that is seen. Ended with the test. */
const typedInBash = async (t: Test, lines: string[], env: Record<string, string>): Promise<string> => {
  const bash = spawn('script', ['-qec', 'bash --norc --noprofile -i', '/dev/null'], {
    env: {
      PATH: process.env.PATH!,
      NODE: process.execPath,
      BIN,
      TERM: 'dumb',
      PS1: '>>> ',
      SHELL: '/bin/bash',
      ...env,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.teardown(() => bash.kill('SIGKILL'))
  let seen = ''
  bash.stdout.on('data', data => {
    seen += data
  })
  const prompts = () => seen.match(/^bash-[\d.]+[#$] /gm)?.length ?? 0
  for (const [n, line] of lines.entries()) {
    await until(() => prompts() > n)
    bash.stdin.write(line)
  }
  await once(bash, 'exit')
  return seen
}

t.test('Tab in a bash on a terminal writes the name out', async t => {
  const face = await servingDay(t)
  const lines = [
    'leasehold() { "$NODE" "$BIN/leasehold.js" "$@"; }\n',
    'source <(leasehold completion bash)\n',
    'leasehold expl\trecep\t\n',
    'exit\n',
  ]
  const seen = await typedInBash(t, lines, face)
  t.match(seen, /leasehold explain reception\.lab\.example/, 'what was typed')
  t.match(seen, /^reception\.lab\.example {2}published\r?$/m, 'what it answered')
})
