/*
 * `leasehold doctor`: asks every server that the configuration names, and prints one line each. It changes nothing.
 *
 *     ok     kea kea1 dhcp4              answers: 3.0.1
 *     WRONG  dns bind 192.0.2.53:53 ...  192.0.2.53:53 says BADSIG (the key has another secret there)
 *            give the secret that the server has for this key
 *
 * Keas first: scopes may come from their configuration, and the scopes say which zones are asked for.
 */

import { randomUUID } from 'node:crypto'
import { scopesFrom } from '../../../lib/kea/subnet-scopes.ts'
import { loadConfig } from '../../config/load.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'
import { type Check, good, wrong } from './check.ts'
import { checkDns } from './dns.ts'
import { checkPorts, checkStore, isRunning } from './here.ts'
import { checkKea } from './kea.ts'
import { checkPostgres } from './postgres.ts'

const WIDTH = 40

const lineOf = ({ ok, subject, text, remedy }: Check): string =>
  `${ok ? 'ok    ' : 'WRONG '} ${subject.padEnd(WIDTH)} ${text}\n${remedy === null ? '' : `       ${remedy}\n`}`

/** Runs all checks. A server that hangs takes as long as its own `timeout` says. */
export const doctor = async (
  { config: file, json }: { config?: string; json?: true },
  { env, write }: Terminal,
): Promise<ExitCode> => {
  const config = loadConfig({ file, env })
  const checks: Check[] = []
  const add = (...more: Check[]) => {
    checks.push(...more)
    if (!json) for (const check of more) write(lineOf(check))
  }
  const running = await isRunning(config.http)
  add(good('configuration', running ? 'is good; a Leasehold runs by it' : 'is good; no Leasehold runs by it'))
  add(...config.warnings.map(warning => wrong('configuration', warning, 'take the right to read from all others')))
  add(...(await checkStore(config.store, running)))
  if (config.store.kind === 'postgres') add(await checkPostgres(config.store))
  add(...(await checkPorts(config, running)))
  const reports = await Promise.all(config.kea.map(kea => checkKea(kea, config)))
  for (const report of reports) add(...report.checks)
  const { scopes, notes } = scopesFrom(
    config.scopes,
    reports.flatMap(({ configurations }) => configurations),
  )
  add(...notes.map(note => wrong('scopes', note, 'give the subnet a "ddns-qualifying-suffix" in Kea, or a scope here')))
  if (scopes.length === 0)
    add(wrong('scopes', 'there are none, so no lease gets a name', 'let Kea answer, or write "scopes"'))
  const random = `leasehold-doctor-${randomUUID()}`
  for (const dns of config.dns) add(...(await checkDns(dns, scopes, config.dns[0]!.name, random)))
  const faults = checks.filter(({ ok }) => !ok).length
  if (json) write(`${JSON.stringify({ ok: faults === 0, checks }, null, 2)}\n`)
  else write(faults === 0 ? 'All is well.\n' : `${faults} of ${checks.length} are wrong.\n`)
  return faults === 0 ? EXIT.done : EXIT.no
}
