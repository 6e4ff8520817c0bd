/*
 * 10,000 new leases into Unbound and into a hosts file that dnsmasq reads, beside a direct loop of the same calls: one line
 * of JSON each. `node bench/local-dns.ts [--leases N] [--only hosts]`.
 *
 * The direct loop sends what a server's owner could send by hand: for Unbound one `local_data` after another over its
 * socket, two a lease. It reads nothing, stores nothing and checks nothing.
 *
 * A hosts file is replaced whole, so what it takes depends on how often. Leasehold goes first, and each of its writes is noted.
 * The loop makes as many, of as many lines each: the file read and replaced, the signal, the check; without a pause between
 * them, and with the one that Leasehold makes.
 */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { localDataLine } from '../lib/dns/local-data.ts'
import { openHostsFile } from '../server/backends/hosts/file.ts'
import { confirmAt, reload } from '../server/backends/hosts/reload.ts'
import { openControl } from '../server/backends/unbound/control.ts'
import { configOf } from '../server/config/load.ts'
import { start } from '../server/start.ts'
import { type Dnsmasq, startDnsmasq } from '../test/real/servers/dnsmasq.ts'
import { startUnbound } from '../test/real/servers/unbound.ts'
import { eventOf, FORWARD, type Lease, newLeases, REVERSE } from './leases.ts'

const { values } = parseArgs({ options: { leases: { type: 'string', default: '10000' }, only: { type: 'string' } } })
const COUNT = Number(values.leases)
const ZONES = [FORWARD, REVERSE]
const LOCAL_ZONES = [`local-zone: "${FORWARD}." transparent`]
const TTL = 300

const say = (what: string, who: string, seconds: number): void =>
  console.log(
    JSON.stringify({
      measure: what,
      who,
      leases: COUNT,
      seconds: +seconds.toFixed(3),
      leasesPerSecond: Math.round(COUNT / seconds),
    }),
  )

const timed = async (what: string, who: string, work: () => Promise<void>): Promise<void> => {
  const from = performance.now()
  await work()
  say(what, who, (performance.now() - from) / 1000)
}

/** From the first event until every record of every lease is applied. */
const throughLeasehold = async (what: string, dns: object, leases: Lease[]): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-bench-'))
  const settings = {
    http: { port: 0 },
    log: { level: 'silent' },
    store: { path: join(folder, 'store') },
    dns: [{ zones: ZONES, ...dns }],
    scopes: [{ name: 'lab', subnet: '10.0.0.0/8', domain: FORWARD }],
  }
  const program = await start(configOf(settings, {}))
  const url = `http://127.0.0.1:${program.http.port}/v1/events`
  const isDone = () => program.parts.queue.status().every(({ waiting, inFlight }) => waiting + inFlight === 0)
  try {
    await timed(what, 'leasehold', async () => {
      for (let from = 0; from < leases.length; from += 500) {
        const body = JSON.stringify(leases.slice(from, from + 500).map(eventOf))
        const { status } = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
        if (status !== 202) throw new Error(`an answer with ${status}`)
      }
      while (!isDone()) await sleep(5)
    })
    const open = [...program.parts.store.state.records.values()].filter(({ applied }) => applied === null)
    if (open.length > 0) throw new Error(`${open.length} records are not applied`)
  } finally {
    await program.close()
    await rm(folder, { recursive: true })
  }
}

const unbound = async (leases: Lease[]): Promise<void> => {
  for (const who of ['direct loop', 'leasehold']) {
    const server = await startUnbound({ server: LOCAL_ZONES })
    try {
      const dns = { name: 'u', kind: 'unbound', control: server.control }
      if (who === 'leasehold') await throughLeasehold('unbound', dns, leases)
      else {
        const control = openControl(server.control, 2000)
        await timed('unbound', who, async () => {
          for (const { name, reverse, address } of leases) {
            await control.ask(`local_data ${localDataLine({ name, type: 'A', ttl: TTL, value: address })}`)
            await control.ask(`local_data ${localDataLine({ name: reverse, type: 'PTR', ttl: TTL, value: name })}`)
          }
        })
      }
    } finally {
      await server.close()
    }
  }
}

/** Notes how many lines a file has each time that it is another, until it is stopped. It sees each: they are 250 ms apart. */
const watchWrites = (path: string): { stop(): Promise<number[]> } => {
  const lines: number[] = []
  let isOver = false
  let before = 0n
  const look = async () => {
    const { ino, mtimeNs } = await stat(path, { bigint: true })
    if (mtimeNs + ino === before) return
    before = mtimeNs + ino
    lines.push((await readFile(path, 'latin1')).split('\n').filter(line => line.startsWith('10.')).length)
  }
  const watching = (async () => {
    while (!isOver) {
      await look().catch(() => {})
      await sleep(20)
    }
    await look()
  })()
  const stop = () => {
    isOver = true
    return watching.then(() => lines)
  }
  return { stop }
}

const hosts = async (leases: Lease[]): Promise<void> => {
  const onDnsmasq = async (work: (server: Dnsmasq) => Promise<void>): Promise<void> => {
    const server = await startDnsmasq({ zones: ZONES })
    await work(server).finally(server.close)
  }
  let writes: number[] = []
  await onDnsmasq(async ({ path, pidFile, address }) => {
    const watch = watchWrites(path)
    const dns = { name: 'h', kind: 'hosts', path, reload: { pidFile }, check: address }
    await throughLeasehold('hosts', dns, leases)
    writes = await watch.stop()
  })
  const direct = async ({ path, pidFile, address }: Dnsmasq, leastMs: number): Promise<void> => {
    const file = openHostsFile({ path, write: 'rename' })
    let from = 0
    let last = Number.NEGATIVE_INFINITY
    for (const to of writes) {
      await sleep(Math.max(0, last + leastMs - performance.now()))
      const some = leases.slice(from, to)
      await file.change(old => {
        for (const one of some) old.add(one.name, one.address)
      })
      last = performance.now()
      await reload({ pidFile }, { info: () => {} })
      await confirmAt(address, { name: some.at(-1)!.name, addresses: [some.at(-1)!.address] })
      from = to
    }
  }
  const what = `hosts, ${writes.length} writes`
  await onDnsmasq(server => timed(what, 'direct loop', () => direct(server, 0)))
  await onDnsmasq(server => timed(what, 'direct loop, a write each 250 ms', () => direct(server, 250)))
}

const leases = newLeases()(COUNT)
const MEASURES = {
  embedded: () => throughLeasehold('embedded', { name: 'e', kind: 'embedded', port: 0 }, leases),
  unbound: () => unbound(leases),
  hosts: () => hosts(leases),
}
for (const [what, measure] of Object.entries(MEASURES)) if (!values.only || values.only === what) await measure()
