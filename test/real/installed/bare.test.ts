import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { relay4 } from '../dhcp/dhcp4-client.ts'
import { makeNetwork, mayMakeNetworks, type Network } from '../network.ts'
import { until } from '../running.ts'
import { zoneFile } from '../servers/named.ts'
import { type Debian, makeDebian } from './debian.ts'
import { pack } from './packed.ts'

// Most of it is what apt and npm take to unpack some 500 packages.
t.setTimeout(600_000)

const MOST_COMMANDS = 8
const SUBNET = '10.1.0.0/16'
const ZONES = ['lab.example.net', '10.in-addr.arpa']
const HOW =
  'sh test/real/installed/bare-root.sh FOLDER builds one (needs root, debootstrap and a mirror), BARE_ROOT=FOLDER names it'

const page = (path: string): Promise<string> => readFile(new URL(`../../../${path}`, import.meta.url), 'utf8')

/** The first fenced block of a page in which this stands. */
const blockWith = (text: string, part: string): string => {
  const blocks = [...text.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, block]) => block!)
  const block = blocks.find(one => one.includes(part))
  if (block === undefined) throw new Error(`no block of the page has ${part}`)
  return block
}

/** The commands of README, in order, without the `dig` that stands in the text below them. */
const commandsOf = async (): Promise<{ commands: string[]; dig: string }> => {
  const readme = await page('README.md')
  const commands = blockWith(readme, 'apt-get install').trim().split('\n')
  const [, dig] = /`(dig @127\.0\.0\.1 laptop[^`]+)`/.exec(readme)!
  return { commands, dig: dig! }
}

/** Kea and BIND as a site has them before Leasehold, with the lines that docs/install.md says they need. */
const startSite = async (debian: Debian, network: Network): Promise<void> => {
  const install = await page('docs/install.md')
  const lines = JSON.parse(`{${blockWith(install, 'libdhcp_lease_cmds.so')}}`)
  const pools = [{ pool: '10.1.0.10 - 10.1.0.99' }]
  const interfaces = { interfaces: [`${network.device}/${network.there.v4}`], 'dhcp-socket-type': 'udp' }
  const Dhcp4 = { ...lines, 'interfaces-config': interfaces, subnet4: [{ id: 1, subnet: SUBNET, pools }] }
  await debian.write('/etc/kea/kea-dhcp4.conf', JSON.stringify({ Dhcp4 }))
  await debian.write('/etc/bind/named.conf.local', blockWith(install, 'zone "lab.example.net"'))
  for (const zone of ZONES) await debian.write(`/var/lib/bind/${zone}`, zoneFile(zone))
  // What the packages' units and scripts do on a Debian that boots.
  await debian.type(`
    tsig-keygen leasehold > /etc/bind/leasehold.key
    chmod 640 /etc/bind/leasehold.key; chgrp bind /etc/bind/leasehold.key
    chown bind /var/lib/bind/*
    install -d -o bind -g bind /run/named; install -d /run/kea /var/lib/kea`)
  debian.start('named -g -u bind', network, '/var/tmp/named.log')
  debian.start('kea-dhcp4 -c /etc/kea/kea-dhcp4.conf', network, '/var/tmp/kea.log')
  const isUp = async () => {
    const asked = await debian.type(`dig +short +time=1 +tries=1 @127.0.0.1 ${ZONES[0]} SOA`, { network })
    const socket = await debian.type('test -S /run/kea/kea4-ctrl-socket')
    return asked.output.includes('ns1') && socket.code === 0
  }
  await until(isUp, 'Kea and BIND answer', 60).catch(async error => {
    throw new Error(
      `${error.message}: ${await debian.read('/var/tmp/named.log')}${await debian.read('/var/tmp/kea.log')}`,
    )
  })
}

const hasRoot = async (t: Test): Promise<boolean> => {
  const root = process.env.BARE_ROOT
  const isThere =
    root !== undefined &&
    (await access(join(root, 'whole')).then(
      () => true,
      () => false,
    ))
  if (!isThere) t.pass('a bare Debian', { skip: `not here: a Debian 12 root; ${HOW}` })
  return isThere
}

t.test("from a bare Debian 12 with Kea and BIND to the first name, by README's words alone", async t => {
  if (!mayMakeNetworks(t) || !(await hasRoot(t))) return
  const { commands, dig } = await commandsOf()
  t.ok(commands.length + 1 <= MOST_COMMANDS, `${commands.length + 1} commands, at most ${MOST_COMMANDS}`)

  const folder = await mkdtemp(join(tmpdir(), 'leasehold-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const { tarball } = await pack(folder)
  const debian = await makeDebian(t, process.env.BARE_ROOT!)
  const network = await makeNetwork(t)
  await debian.write('/srv/leasehold.tgz', await readFile(tarball))
  await startSite(debian, network)
  t.not((await debian.type('command -v node npm')).code, 0, 'it is bare')

  let whole = 0
  const timed = async <T>(line: string, doing: () => Promise<T>): Promise<T> => {
    const began = Date.now()
    const result = await doing()
    whole += Date.now() - began
    t.comment(`${((Date.now() - began) / 1000).toFixed(1)} s  ${line}`)
    return result
  }
  /** Installing alone goes out of the namespace. */
  const outcome = (line: string) =>
    /^(apt-get|npm) /.test(line)
      ? debian.type(line.replace(/ leasehold$/, ' ./leasehold.tgz'))
      : debian.type(line, { network, seconds: 60 })
  const serve = commands.at(-1)!
  t.match(serve, /^leasehold --config /, 'the last command serves')
  const said: Record<string, string> = {}
  for (const line of commands.slice(0, -1)) {
    const { code, output } = await timed(line, () => outcome(line))
    if (code !== 0) throw new Error(`${line} ended with ${code}: ${output}`)
    said[line.split(' ').slice(0, 2).join(' ')] = output
  }
  t.notMatch(said['leasehold init'], /^- /m, 'init leaves nothing to do')
  t.match(said['leasehold check-config'], 'leasehold.json', 'check-config takes what init wrote')
  t.match(said['leasehold doctor'], /answers: 2\.2\./, 'it is the Kea of Debian 12')
  t.match(said['leasehold doctor'], /^All is well\.$/m, 'doctor is green')
  t.notMatch(said['leasehold doctor'], 'WRONG', 'in every line')

  const log = '/srv/leasehold.log'
  await timed(serve, async () => {
    debian.start(serve, network, log)
    const isReady = async () => (await debian.read(log).catch(() => '')).includes('Leasehold is ready')
    await until(isReady, 'it serves', 60)
  })
  const client = (await relay4(t, network))({ hwAddress: '02:00:00:00:00:01', hostname: 'laptop', subnet: '10.1.0.0' })
  const address = await client.grant()
  t.match(address, /^10\.1\.0\.\d+$/, 'a client has a lease')
  const answer = async (line: string) => (await debian.type(line, { network, seconds: 10 })).output.trim()
  await timed(dig, () => until(async () => (await answer(dig)) === address, 'dig answers'))
  t.comment(`${commands.length + 1} commands in ${(whole / 1000).toFixed(1)} s`)

  await until(async () => (await answer(`dig @127.0.0.1 -x ${address} +short`)) === 'laptop.lab.example.net.', 'a PTR')
  const again = await debian.type(commands.find(line => line.startsWith('leasehold doctor'))!, { network, seconds: 60 })
  t.match(again, { code: 0, output: /a Leasehold runs by it/ }, 'doctor is content while it runs')
})
