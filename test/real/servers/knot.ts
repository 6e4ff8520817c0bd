import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HOST, startDaemon, type UpdateServer, type UpdateServerOptions } from './dns-process.ts'
import { type Key, zoneFile } from './named.ts'

const configFile = (folder: string, port: number, key: Key, options: UpdateServerOptions): string => `
server:
    rundir: "${folder}"
    listen: ${HOST}@${port}
log:
  - target: stderr
    any: info
database:
    storage: "${folder}"
key:
  - id: ${key.name}
    algorithm: ${key.algorithm}
    secret: ${key.secret}
acl:
  - id: update
    key: ${key.name}
    action: update
    update-type: [A, AAAA, PTR, TXT, DHCID]
  - id: transfer
    key: ${key.name}
    action: transfer
zone:
${options.zones
  .map(
    zone => `  - domain: ${zone}
    storage: "${folder}"
    file: "${zone}.db"
    dnssec-signing: ${options.signing !== 'none' ? 'on' : 'off'}
    acl: [update${options.shut.includes(zone) ? '' : ', transfer'}]
`,
  )
  .join('')}`

/** A real Knot DNS. Its policy knows no names to leave out, so that it reserves a type instead: CNAME. */
export const startKnot = async (options: UpdateServerOptions): Promise<UpdateServer> => {
  const key = { name: 'leasehold', algorithm: 'hmac-sha256', secret: randomBytes(32).toString('base64') }
  const daemon = await startDaemon({
    program: 'knotd',
    args: folder => ['-c', join(folder, 'knot.conf')],
    zones: options.zones,
    prepare: async (folder, port) => {
      await writeFile(join(folder, 'knot.conf'), configFile(folder, port, key, options))
      for (const zone of options.zones) await writeFile(join(folder, `${zone}.db`), zoneFile(zone, options.lines(zone)))
    },
  })
  return { ...daemon, key }
}
