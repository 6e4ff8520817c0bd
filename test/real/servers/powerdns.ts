import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { whereIs } from '../needs.ts'
import { HOST, startDaemon, type UpdateServer, type UpdateServerOptions } from './dns-process.ts'
import { freePort, type Key, zoneFile } from './named.ts'

const SCHEMA = '/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql'

/** Where its HTTP API listens, and by which key. */
export interface Api {
  port: number
  url: string
  key: string
}

const configFile = (folder: string, port: number, api: Api): string => `
launch=gsqlite3
gsqlite3-database=${folder}/pdns.sqlite3
gsqlite3-dnssec=yes
socket-dir=${folder}
local-address=${HOST}
local-port=${port}
security-poll-suffix=
dnsupdate=yes
allow-dnsupdate-from=${HOST}/32
webserver=yes
webserver-address=${HOST}
webserver-port=${api.port}
webserver-allow-from=${HOST}/32
api=yes
api-key=${api.key}
`

const fill = async (folder: string, key: Key, { zones, shut, signing, lines }: UpdateServerOptions): Promise<void> => {
  const database = new DatabaseSync(join(folder, 'pdns.sqlite3'))
  // Its threads read and write at once. With the older journal one that finds the file locked can end the server.
  database.exec('PRAGMA journal_mode = WAL')
  database.exec(await readFile(SCHEMA, 'utf8'))
  database.close()
  const program = whereIs('pdnsutil') ?? 'pdnsutil'
  const pdnsutil = (...args: string[]) => promisify(execFile)(program, [`--config-dir=${folder}`, ...args])
  await pdnsutil('import-tsig-key', key.name, key.algorithm, key.secret)
  for (const zone of zones) {
    const file = join(folder, `${zone}.db`)
    await writeFile(file, zoneFile(zone, lines(zone)))
    await pdnsutil('load-zone', zone, file)
    await pdnsutil('set-meta', zone, 'TSIG-ALLOW-DNSUPDATE', key.name)
    await pdnsutil('set-meta', zone, 'SOA-EDIT-API', 'INCREASE')
    if (!shut.includes(zone)) await pdnsutil('set-meta', zone, 'TSIG-ALLOW-AXFR', key.name)
    if (signing !== 'none') await pdnsutil('secure-zone', zone)
    await pdnsutil('rectify-zone', zone)
  }
}

/** A real PowerDNS Authoritative Server, on SQLite, which takes updates and has its HTTP API open. */
export const startPowerDns = async (options: UpdateServerOptions): Promise<UpdateServer & { api: Api }> => {
  const apiPort = await freePort()
  const api = { port: apiPort, url: `http://${HOST}:${apiPort}`, key: randomBytes(12).toString('hex') }
  const key = { name: 'leasehold', algorithm: 'hmac-sha256', secret: randomBytes(32).toString('base64') }
  const daemon = await startDaemon({
    program: 'pdns_server',
    args: folder => [`--config-dir=${folder}`, '--daemon=no', '--guardian=no', '--disable-syslog', '--write-pid=no'],
    zones: options.zones,
    prepare: async (folder, port) => {
      await writeFile(join(folder, 'pdns.conf'), configFile(folder, port, api))
      await fill(folder, key, options)
    },
  })
  return { ...daemon, key, api }
}
