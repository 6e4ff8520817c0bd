import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StatusAnswer } from '../schemas/api/answers.ts'
import { freeUdpPort } from './d2.ts'
import { callout, callouts, events, type Feed, leaseFile, ncr } from './feeds.ts'
import { type HttpClient, openHttp } from './http-client.ts'
import { FORWARD, LEASE_FILE_HEADER, type Lease } from './leases.ts'
import { begin, type Program } from './processes.ts'

/** Leasehold as a process of its own, as its users start it. */
export interface Leasehold {
  pid: number
  /** One lease as Kea's hook tells it; resolves with the 202. */
  callout(lease: Lease): Promise<void>
  /** Makes ready to POST /v1/callouts, one lease each. */
  callouts(leases: Lease[], inFlight: number): Feed
  /** Makes ready to POST /v1/events with so many leases each. */
  events(leases: Lease[], each: number, inFlight: number): Feed
  /** Makes ready to append to the lease file. */
  leaseFile(leases: Lease[]): Feed
  /** Makes ready to send name change requests. */
  ncr(leases: Lease[]): Feed
  status(): Promise<StatusAnswer>
  /** Resolves once so many records are known to be in DNS. */
  published(records: number): Promise<void>
  close(): Promise<void>
}

export interface LeaseholdOptions {
  /** Keys of `store`, where it is not a folder alone. */
  store?: object
  /** Whether it hears name change requests too, and follows a lease file. */
  allSources?: boolean
  /** Flags of node, beside those that this process has: --cpu-prof goes on to Leasehold. */
  flags?: string[]
}

const CONNECTIONS = 128
const MAIN = new URL('../server/main.ts', import.meta.url).pathname

/** One network in one zone; the key of each source that is not always there is in `more`. */
export const configWith = (dns: object, folder: string, more: object = {}, store: object = {}) => ({
  http: { port: 0 },
  store: { path: join(folder, 'data'), ...store },
  dns: [dns],
  scopes: [{ name: 'lab', subnet: '10.0.0.0/8', domain: FORWARD }],
  ...more,
})

/** Starts the program; its log can be read on the child's stdout. */
export const spawnLeasehold = (config: string, flags: string[] = [], stderr: 'inherit' | 'pipe' = 'inherit'): Program =>
  begin(process.execPath, [...process.execArgv, ...flags, MAIN, '--config', config], { stderr })

/** Reads the log until the program says where it listens. Rejects when it ends before. */
export const ready = ({ child }: Program): Promise<string> => {
  const log = child.stdout!
  const lines = createInterface({ input: log })
  return new Promise<string>((resolve, reject) => {
    lines.on('line', line => {
      const { http } = JSON.parse(line) as { http?: string }
      if (!http) return
      // What follows is thrown away unread: to parse each line would take a core's time from those that are measured.
      lines.close()
      log.resume()
      resolve(http)
    })
    once(child, 'exit').then(() => reject(new Error('Leasehold ended')), reject)
  })
}

const statusOf = async (http: HttpClient): Promise<StatusAnswer> => JSON.parse((await http.get('/v1/status')).text)

/** `dns` is the entry of its DNS server. */
export const startLeasehold = async (dns: object, options: LeaseholdOptions = {}): Promise<Leasehold> => {
  const { store, allSources = false, flags } = options
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-bench-'))
  const memfile = join(folder, 'leases4.csv')
  await writeFile(memfile, `${LEASE_FILE_HEADER}\n`)
  const port = await freeUdpPort()
  const sources = { kea: [{ name: 'kea', services: ['dhcp4'], memfile: { dhcp4: memfile } }], ncr: { port } }
  const config = join(folder, 'leasehold.json')
  await writeFile(config, JSON.stringify(configWith(dns, folder, allSources ? sources : {}, store)))
  const program = spawnLeasehold(config, flags)
  let client: HttpClient | null = null
  const close = async () => {
    client?.close()
    await program.end()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const http = await openHttp(await ready(program), CONNECTIONS)
    client = http
    return {
      pid: program.child.pid!,
      callout: lease => callout(http, lease),
      callouts: (leases, inFlight) => callouts(http, leases, inFlight),
      events: (leases, each, inFlight) => events(http, leases, each, inFlight),
      leaseFile: leases => leaseFile(memfile, leases),
      ncr: leases => ncr(port, leases),
      status: () => statusOf(http),
      published: async records => {
        while (((await statusOf(http)).records.published ?? 0) < records) await sleep(50)
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
