import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'

/** Which Debian package brings each program. */
const PACKAGES = {
  named: 'bind9',
  dig: 'bind9-dnsutils',
  nsupdate: 'bind9-dnsutils',
  knotd: 'knot',
  pdns_server: 'pdns-server pdns-backend-sqlite3',
  pdnsutil: 'pdns-server pdns-backend-sqlite3',
  unbound: 'unbound',
  dnsmasq: 'dnsmasq-base',
  'kea-dhcp4': 'kea-dhcp4-server',
  'kea-dhcp6': 'kea-dhcp6-server',
  'kea-ctrl-agent': 'kea-ctrl-agent',
  'kea-dhcp-ddns': 'kea-dhcp-ddns-server',
  prometheus: 'prometheus',
  promtool: 'prometheus',
  chromium: 'chromium',
  podman: 'podman',
  runc: 'runc',
  postgres: 'postgresql',
  initdb: 'postgresql',
} as const
export type Program = keyof typeof PACKAGES

const executable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Where Debian has the programs of PostgreSQL: a folder for each version. */
const POSTGRESQL = '/usr/lib/postgresql'
const ofPostgresql = (): string[] =>
  existsSync(POSTGRESQL) ? readdirSync(POSTGRESQL).map(version => join(POSTGRESQL, version, 'bin')) : []

/** The program's path: in PATH, or in the folders of daemons, which PATH often leaves out; null when it is nowhere. */
export const whereIs = (program: Program): string | null =>
  [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/local/sbin', ...ofPostgresql()]
    .filter(folder => folder !== '')
    .map(folder => join(folder, program))
    .find(executable) ?? null

/** What is missing and how to get it, as one line; null when all are here. */
export const missing = (...programs: Program[]): string | null => {
  const absent = programs.filter(program => whereIs(program) === null)
  if (absent.length === 0) return null
  const packages = [...new Set(absent.map(program => PACKAGES[program]))]
  return `not here: ${absent.join(', ')}; install with: apt-get install ${packages.join(' ')}`
}

/**
 * Whether the real programs that a test drives are here. Where one is missing the test is skipped with a line that says
 * how to get it, or fails when REQUIRE_REAL=1 stands in the environment (as in CI, where a skip would be a lie).
 */
export const needs = (t: Test, ...programs: Program[]): boolean => {
  const line = missing(...programs)
  if (line === null) return true
  if (process.env.REQUIRE_REAL === '1') t.fail(line)
  else t.pass('real programs', { skip: line })
  return false
}
