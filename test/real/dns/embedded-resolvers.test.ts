import { randomBytes } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Change, RR } from '../../../lib/dns/rr.ts'
import { Config } from '../../../schemas/config/leasehold.ts'
import { type Embedded, openEmbedded } from '../../../server/backends/embedded/embedded.ts'
import { resolve } from '../../../server/config/resolve.ts'
import { needs } from '../needs.ts'
import { eventually, folderFor, runBeside } from '../servers/embedded-beside.ts'
import { freePort } from '../servers/named.ts'

/** The fenced block of the page that bears this name, as a reader would copy it. */
const block = async (name: string): Promise<string> => {
  const page = await readFile(new URL('../../../docs/resolvers.md', import.meta.url), 'utf8')
  const [, text] = new RegExp(`^\`\`\`\\w+ ${name}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page) ?? []
  if (text === undefined) throw new Error(`docs/resolvers.md has no block ${name}`)
  return text
}

/** The server of the page's leasehold.json, at another port, with what is given besides. */
const served = async (t: Test, more: object = {}): Promise<Embedded> => {
  const json = JSON.parse(await block('leasehold.json'))
  Object.assign(json.dns[0], { port: 0 }, more)
  const issues: object[] = []
  const { dns } = resolve(Config.parse(json), {}, issues as never)
  t.same(issues, [])
  const [config] = dns
  if (config?.kind !== 'embedded') throw new Error('the page configures another kind of server')
  const server = await openEmbedded(config, ['home.arpa', '168.192.in-addr.arpa'])
  t.teardown(() => server.close())
  return server
}

const publish = async (server: Embedded, zone: string, rr: RR): Promise<void> => {
  const change: Change = { name: rr.name, zone, attempts: [{ prerequisites: [], updates: [{ do: 'add', rr }] }] }
  await server.apply(zone, [change], (_, outcome) => {
    if (outcome.kind !== 'applied') throw new Error(outcome.kind)
  })
}

const at = (port: number): Resolver => {
  const resolver = new Resolver({ timeout: 2000, tries: 1 })
  resolver.setServers([`127.0.0.1:${port}`])
  return resolver
}

/** A lease and the person's records are found through the resolver, both ways, and what is not there is not. */
const resolves = async (t: Test, server: Embedded, port: number, said: () => string) => {
  await publish(server, 'home.arpa', { name: 'laptop.home.arpa', type: 'A', ttl: 300, value: '192.168.1.20' })
  const reverse = '20.1.168.192.in-addr.arpa'
  await publish(server, '168.192.in-addr.arpa', { name: reverse, type: 'PTR', ttl: 300, value: 'laptop.home.arpa' })
  const resolver = at(port)
  const isThere = (answer: string[]) => answer.length > 0
  t.same(await eventually(() => resolver.resolve4('laptop.home.arpa'), isThere), ['192.168.1.20'], said())
  t.same(await resolver.reverse('192.168.1.20'), ['laptop.home.arpa'])
  t.same(await resolver.resolve4('www.home.arpa'), ['192.168.1.1'], 'a CNAME')
  t.same(await resolver.resolveCname('www.home.arpa'), ['router.home.arpa'])
  t.same(await resolver.reverse('192.168.1.1'), ['router.home.arpa'])
  await t.rejects(resolver.resolve4('nobody.home.arpa'), { code: 'ENOTFOUND' })
  await t.rejects(resolver.resolve6('laptop.home.arpa'), { code: 'ENODATA' })
}

/** The trust anchor of the root: with it Unbound takes no answer without a proof, as an installed one does. */
const ROOT = '. DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D'

t.test('Unbound', async t => {
  if (!needs(t, 'unbound')) return
  const server = await served(t)
  const [folder, port] = [await folderFor(t), await freePort()]
  const recipe = (await block('unbound.conf')).replaceAll('@5353', `@${server.address.port}`)
  const conf = join(folder, 'unbound.conf')
  const own = `server:
    interface: 127.0.0.1@${port}
    chroot: ""
    username: ""
    directory: "${folder}"
    pidfile: ""
    use-syslog: no
    do-daemonize: no
    private-address: 192.168.0.0/16
    trust-anchor: "${ROOT}"
`
  await writeFile(conf, own + recipe)
  await resolves(t, server, port, runBeside(t, 'unbound', ['-d', '-c', conf]))
})

t.test('dnsmasq', async t => {
  if (!needs(t, 'dnsmasq')) return
  const server = await served(t)
  const [folder, port] = [await folderFor(t), await freePort()]
  const conf = join(folder, 'dnsmasq.conf')
  const own = `port=${port}\nlisten-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\nstop-dns-rebind\npid-file=\n`
  await writeFile(conf, own + (await block('dnsmasq.conf')).replaceAll('#5353', `#${server.address.port}`))
  await resolves(t, server, port, runBeside(t, 'dnsmasq', ['--keep-in-foreground', `--conf-file=${conf}`, '--user=']))
})

t.test('a copy on BIND', async t => {
  if (!needs(t, 'named')) return
  const [folder, port] = [await folderFor(t), await freePort()]
  const secret = randomBytes(32).toString('base64')
  await writeFile(join(folder, 'copy.key'), `${secret}\n`)
  const secondaries = (await block('secondaries'))
    .replace('127.0.0.1:53', `127.0.0.1:${port}`)
    .replace('/etc/leasehold/copy.key', join(folder, 'copy.key'))
  const server = await served(t, { secondaries: JSON.parse(secondaries) })
  const recipe = (await block('named.conf')).replace('port 5353', `port ${server.address.port}`)
  await mkdir(join(folder, 'zones'))
  const own = `key "leasehold-copy" { algorithm hmac-sha256; secret "${secret}"; };
controls { };
options {
  directory "${folder}/zones"; pid-file none; session-keyfile none; lock-file none; recursion no;
  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
};
`
  await writeFile(join(folder, 'named.conf'), own + recipe)
  const said = runBeside(t, 'named', ['-g', '-c', join(folder, 'named.conf')])
  const copy = at(port)
  const has = (address: string) => (answer: string[]) => answer.includes(address)
  t.same(await eventually(() => copy.resolve4('www.home.arpa'), has('192.168.1.1')), ['192.168.1.1'], said())
  await publish(server, 'home.arpa', { name: 'laptop.home.arpa', type: 'A', ttl: 300, value: '192.168.1.20' })
  t.same(await eventually(() => copy.resolve4('laptop.home.arpa'), has('192.168.1.20')), ['192.168.1.20'], said())
})

t.test('the name of the server, as the page gives it', async t => {
  const page = await readFile(new URL('../../../docs/resolvers.md', import.meta.url), 'utf8')
  const [, ns] = /`"ns": (\{.*?\})`/.exec(page) ?? []
  const server = await served(t, { ns: JSON.parse(ns!) })
  const resolver = at(server.address.port)
  t.same(await resolver.resolveNs('home.arpa'), ['ns.home.arpa'])
  t.same(await resolver.resolveNs('168.192.in-addr.arpa'), ['ns.home.arpa'])
  t.same(await resolver.resolve4('ns.home.arpa'), ['192.168.1.53'])
})
