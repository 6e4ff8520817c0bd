import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Program, whereIs } from '../needs.ts'

export interface Key {
  name: string
  algorithm: string
  /** Base64. */
  secret: string
}

export interface NamedOptions {
  zones: string[]
  /** Algorithm by key name; the first key is the one that dig and nsupdate use. Default: `leasehold`, hmac-sha256. */
  keys?: Record<string, string>
  /** The update-policy of every zone; by default each key may do anything in it. */
  policy?: string[]
  /** Who may read whole zones, as in `none;`; by default each key. */
  transferTo?: string
  /** More statements for named's options block, such as `tcp-idle-timeout 10;`. */
  options?: string
  /** The key of each view. Each view has all zones; whoever has none of these keys gets the last. */
  views?: Record<string, string>
  /** More statements for a zone, such as `dnssec-policy default; inline-signing yes;`. */
  zone?: (zone: string) => string
  /** More lines for a zone's file, such as `* IN A 192.0.2.9`. */
  lines?: (zone: string) => string[]
}

/** A real BIND on loopback, in a folder of its own. `close` ends it and removes the folder; tests tear down with it. */
export interface Named {
  readonly host: string
  readonly port: number
  /** `host:port`, as the configuration of a backend wants it. */
  readonly address: string
  readonly key: Key
  readonly keys: Record<string, Key>
  readonly folder: string
  /** Starts it again on the same port and folder, after `stop` or `kill`. */
  start(): Promise<void>
  /** SIGTERM: it saves its zones. */
  stop(): Promise<void>
  /** SIGKILL: its journals are what is left. */
  kill(): Promise<void>
  /** SIGSTOP: it hears and does not answer. Resolves when every thread has stopped, for the signal takes its time. */
  freeze(): Promise<void>
  thaw(): void
  /** The short answers, sorted: addresses, names with a dot, `AAIBY2/AuC…` for a DHCID, quoted texts. */
  dig(name: string, type: string): Promise<string[]>
  /** Every RR of the zone by AXFR but SOA and NS, sorted, as `name type value`: lower case, no trailing dot, no TTL. */
  transfer(zone: string): Promise<string[]>
  /** The same in the view that a key has. */
  transferBy(key: Key, zone: string): Promise<string[]>
  /**
   * All that ever changed in the zone, by IXFR, in order: `+name type value` and `-name type value`. Wants the options
   * `max-journal-size unlimited; max-ixfr-ratio unlimited;`.
   */
  changes(zone: string): Promise<string[]>
  /** As that, since a serial. */
  changesSince(zone: string, serial: number): Promise<string[]>
  serial(zone: string): Promise<number>
  /** Lines for nsupdate, such as `update add nas.lab.example.net 300 A 192.0.2.9`; rejects when BIND says no. */
  nsupdate(lines: string[]): Promise<void>
  log(): Promise<string>
  close(): Promise<void>
}

const HOST = '127.0.0.1'

/** One that nothing on loopback listens at now. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

const run = async (program: Program, args: string[], input = ''): Promise<string> => {
  const path = whereIs(program)
  if (path === null) throw new Error(`${program} is not here`)
  const child = spawn(path, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const output: Buffer[] = []
  child.stdout.on('data', chunk => output.push(chunk))
  child.stderr.on('data', chunk => output.push(chunk))
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  const text = Buffer.concat(output).toString()
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${text}`)
  return text
}

/** A master file with the least that a zone has, and these lines. */
export const zoneFile = (zone: string, more: string[] = []): string =>
  [
    `$ORIGIN ${zone}.`,
    '$TTL 300',
    `@ IN SOA ns1.${zone}. admin.${zone}. 1 3600 900 604800 300`,
    `@ IN NS ns1.${zone}.`,
    `ns1 IN A ${HOST}`,
    ...more,
    '',
  ].join('\n')

const fileName = (zone: string, view: string): string => `${view}${zone.replaceAll('/', '_')}.db`

const configFile = (folder: string, port: number, keys: Key[], options: NamedOptions): string => {
  const policy = options.policy ?? keys.map(key => `grant ${key.name} zonesub ANY;`)
  const zonesIn = (view: string) =>
    options.zones.map(
      zone =>
        `zone "${zone}" { type master; file "${folder}/${fileName(zone, view)}"; update-policy { ${policy.join(' ')} }; ${options.zone?.(zone) ?? ''} };`,
    )
  const views = Object.entries(options.views ?? {}).map(([view, key], i, all) => {
    const others = all.slice(0, i).map(([, other]) => `!key "${other}";`)
    const clients = i < all.length - 1 ? `key "${key}";` : `${others.join(' ')} any;`
    return `view "${view}" { match-clients { ${clients} }; ${zonesIn(view).join('\n')} };`
  })
  return `${keys.map(key => `key "${key.name}" { algorithm ${key.algorithm}; secret "${key.secret}"; };`).join('\n')}
controls { };
options {
  directory "${folder}"; pid-file "${folder}/named.pid"; session-keyfile "${folder}/session.key"; lock-file none;
  listen-on port ${port} { ${HOST}; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; notify no; allow-query { any; };
  allow-transfer { ${options.transferTo ?? keys.map(key => `key "${key.name}";`).join(' ')} };
  ${options.options ?? ''}
};
logging { channel f { file "${folder}/named.log"; severity info; print-time yes; print-category yes; }; category default { f; }; };
${(views.length > 0 ? views : zonesIn('')).join('\n')}
`
}

const undotted = (text: string): string => text.toLowerCase().replace(/\.$/, '')

/** `name ttl IN type value…` as dig prints it, to `name type value`. */
const record = (line: string): string => {
  const [name, , , type, ...value] = line.split(/\s+/) as [string, string, string, string, ...string[]]
  return `${undotted(name)} ${type} ${type === 'PTR' || type === 'CNAME' ? undotted(value[0]!) : value.join(type === 'DHCID' ? '' : ' ')}`
}

const lines = (text: string): string[] => text.split('\n').filter(line => line.trim() !== '' && !line.startsWith(';'))

const isStopped = async (pid: number): Promise<boolean> => {
  const threads = await readdir(`/proc/${pid}/task`)
  const stats = await Promise.all(threads.map(thread => readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8')))
  return stats.every(stat => /\) T /.test(stat))
}

export const startNamed = async (options: NamedOptions): Promise<Named> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-named-'))
  const port = await freePort()
  const keys = Object.entries(options.keys ?? { leasehold: 'hmac-sha256' }).map(([name, algorithm]) => ({
    name,
    algorithm,
    secret: randomBytes(32).toString('base64'),
  }))
  const key = keys[0]!
  await writeFile(join(folder, 'named.conf'), configFile(folder, port, keys, options))
  for (const view of options.views ? Object.keys(options.views) : [''])
    for (const zone of options.zones)
      await writeFile(join(folder, fileName(zone, view)), zoneFile(zone, options.lines?.(zone)))

  let child: ChildProcess | null = null
  const killAtExit = () => child?.kill('SIGKILL')
  process.once('exit', killAtExit)

  const resolver = new Resolver({ timeout: 250, tries: 1 })
  resolver.setServers([`${HOST}:${port}`])

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child
    child = null
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return
    const ended = once(ending, 'exit')
    ending.kill('SIGCONT')
    ending.kill(signal)
    await ended
  }

  const named: Named = {
    host: HOST,
    port,
    address: `${HOST}:${port}`,
    key,
    keys: Object.fromEntries(keys.map(each => [each.name, each])),
    folder,
    start: async () => {
      const output = openSync(join(folder, 'named.out'), 'a')
      child = spawn(whereIs('named') ?? 'named', ['-f', '-c', join(folder, 'named.conf')], {
        stdio: ['ignore', output, output],
      })
      closeSync(output)
      for (let tries = 0; tries < 400; tries++) {
        if (child.exitCode !== null) break
        const answers = await Promise.all(options.zones.map(zone => named.serial(zone).catch(() => null)))
        if (!answers.includes(null)) return
        await sleep(25)
      }
      const said = await readFile(join(folder, 'named.out'), 'utf8')
      throw new Error(`named did not come up: ${said}${await named.log()}`)
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    freeze: async () => {
      child?.kill('SIGSTOP')
      while (child?.pid && !(await isStopped(child.pid))) await sleep(1)
    },
    thaw: () => void child?.kill('SIGCONT'),
    dig: async (name, type) =>
      lines(await run('dig', [`@${HOST}`, '-p', String(port), name, type, '+tcp', '+short', '+time=5', '+tries=1']))
        .map(line => (type === 'DHCID' ? line.replace(/\s+/g, '') : line))
        .sort(),
    transfer: zone => named.transferBy(key, zone),
    transferBy: async (by, zone) => {
      const secret = `${by.algorithm}:${by.name}:${by.secret}`
      const at = [`@${HOST}`, '-p', String(port), '-y', secret]
      const answer = await run('dig', [...at, zone, 'AXFR', '+noall', '+answer', '+time=30', '+tries=1'])
      return lines(answer)
        .map(record)
        .filter(each => !/^\S+ (SOA|NS|TSIG) /.test(each) && each !== `ns1.${zone} A ${HOST}`)
        .sort()
    },
    changes: zone => named.changesSince(zone, 1),
    changesSince: async (zone, serial) => {
      const at = [`@${HOST}`, '-p', String(port), '-y', `${key.algorithm}:${key.name}:${key.secret}`]
      const answer = lines(
        await run('dig', [...at, zone, `IXFR=${serial}`, '+noall', '+answer', '+time=30', '+tries=1']),
      )
      let soas = 0
      const changes: string[] = []
      for (const line of answer.map(record).slice(1, -1)) {
        if (line.startsWith(`${zone} SOA `)) soas++
        else changes.push(`${soas % 2 === 1 ? '-' : '+'}${line}`)
      }
      return changes
    },
    serial: async zone => (await resolver.resolveSoa(zone)).serial,
    nsupdate: async updates => {
      const auth = ['-v', '-y', `${key.algorithm}:${key.name}:${key.secret}`]
      await run('nsupdate', auth, `server ${HOST} ${port}\n${updates.join('\n')}\nsend\n`)
    },
    log: () => readFile(join(folder, 'named.log'), 'utf8').catch(() => ''),
    close: async () => {
      await end('SIGKILL')
      process.off('exit', killAtExit)
      await rm(folder, { recursive: true, force: true })
    },
  }
  try {
    await named.start()
    return named
  } catch (error) {
    await named.close()
    throw error
  }
}
