/*
 * A PostgreSQL of the test's own: a cluster in a temporary folder, on a free port of loopback, as a user that is not root.
 * It can be stopped, killed, started again, and its sessions can be ended, as a database in the field is.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Test } from 'tap'
import { whereIs } from '../needs.ts'

export const PASSWORD = 'a pass/word@of:the%test'
const NOBODY = 65_534

export interface Postgres {
  readonly port: number
  /** A `store` section for a database of its own. */
  store(database: string): Promise<{ url: string; password: string; schema: string }>
  /** Asks as a superuser. */
  ask<Row extends object>(database: string, text: string, values?: unknown[]): Promise<Row[]>
  start(): Promise<void>
  /** Ends the server at once: with `SIGKILL` as a power loss would, with `SIGINT` politely. */
  stop(signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): Promise<void>
  readonly data: string
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** A command as a user that is not root, as PostgreSQL wants. */
const asNobody = (command: string[]): [string, string[]] =>
  process.getuid?.() === 0
    ? ['setpriv', [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', ...command]]
    : [command[0]!, command.slice(1)]

/** Ended by `teardown`. `settings` are of postgresql.conf, and are the last word. */
export const runPostgres = async (t: Pick<Test, 'teardown'>, settings: string[] = []): Promise<Postgres> => {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-postgres-'))
  const secret = join(folder, 'password')
  writeFileSync(secret, PASSWORD, { mode: 0o644 })
  if (process.getuid?.() === 0) chownSync(folder, NOBODY, NOBODY)
  const data = join(folder, 'data')
  const init = [
    whereIs('initdb')!,
    '-D',
    data,
    '-U',
    'admin',
    '-A',
    'scram-sha-256',
    '--pwfile',
    secret,
    '-N',
    '-E',
    'UTF8',
  ]
  execFileSync(...asNobody([...init, '--no-locale']), { stdio: 'ignore', cwd: '/' })
  const port = await freePort()
  let child: ChildProcess | null = null

  const connect = async (database: string) => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'admin', password: PASSWORD, database })
    client.on('error', () => {})
    await client.connect()
    return client
  }
  const ask = async <Row extends object>(database: string, text: string, values: unknown[] = []) => {
    const client = await connect(database)
    try {
      return (await client.query<Row>(text, values)).rows
    } finally {
      await client.end()
    }
  }
  const start = async () => {
    const options = ['fsync=off', 'max_connections=60', ...settings].flatMap(one => ['-c', one])
    const place = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', folder]
    const [command, words] = asNobody([whereIs('postgres')!, ...place, ...options])
    child = spawn(command, words, { stdio: 'ignore', cwd: '/' })
    for (let tries = 0; ; tries++) {
      assert(child.exitCode === null && tries < 600, 'PostgreSQL did not start')
      try {
        await (await connect('postgres')).end()
        return
      } catch {
        await sleep(50)
      }
    }
  }
  const stop = async (signal: NodeJS.Signals) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  t.teardown(async () => {
    await stop('SIGQUIT')
    rmSync(folder, { recursive: true, force: true })
  })
  await start()
  return {
    port,
    data,
    ask,
    start,
    stop,
    store: async database => {
      await ask('postgres', `CREATE ROLE "${database}" LOGIN PASSWORD 'of-the-user'`)
      await ask('postgres', `CREATE DATABASE "${database}"`)
      await ask(database, `CREATE SCHEMA leasehold AUTHORIZATION "${database}"`)
      return {
        url: `postgres://${database}@127.0.0.1:${port}/${database}`,
        password: 'of-the-user',
        schema: 'leasehold',
      }
    },
  }
}
