import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** How a command is answered; null for one that the fake answers by itself. */
type Behaviour = (command: string, socket: Socket) => string | 'silence' | 'cut' | null

/**
 * A control channel that behaves as Unbound's does, seen on 1.17.1, with the removal of one RR as in 1.26.0. `behave` says
 * what it does instead.
 */
export interface FakeUnbound {
  readonly path: string
  /** The lines of its local data, as they were given. */
  readonly data: string[]
  readonly commands: string[]
  behave: Behaviour
  /** Forgets all that it was told. */
  reload(data?: string[]): void
  close(): Promise<void>
}

const ZONES = 'lab.example.net. transparent\n10.in-addr.arpa. static\n'

const nameOf = (line: string): string => line.split(/\s/)[0]!.toLowerCase().replace(/\.$/, '')

const listed = (line: string): string => `${line.replace(/^(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+/, '$1\t$2\t$3\t$4\t')}\n\n`

export const startFakeUnbound = async (t: Test, { version = '1.26.0', zones = ZONES } = {}): Promise<FakeUnbound> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-fake-'))
  const path = join(folder, 'control')
  const insecure = new Set<string>()
  const isExact = version >= '1.26'

  const remove = (what: string): string => {
    const isRR = what.includes(' ')
    if (isRR && !isExact) return 'ok\n'
    const same = (line: string) => line.replace(/^(\S+?)\.?\s/, '$1 ') === what.replace(/^(\S+?)\.?\s/, '$1 ')
    const stays = (line: string) => (isRR ? !same(line) : nameOf(line) !== nameOf(what))
    fake.data.splice(0, fake.data.length, ...fake.data.filter(stays))
    return 'ok\n'
  }

  const add = (line: string): string => {
    const [name, , , ...value] = line.split(' ')
    const isThere = fake.data.some(one => nameOf(one) === nameOf(name!) && one.endsWith(` ${value.join(' ')}`))
    if (!isThere) fake.data.push(line)
    return 'ok\n'
  }

  const COMMANDS: Record<string, (rest: string) => string> = {
    status: () => `version: ${version}\nuptime: 1 seconds\n`,
    list_insecure: () => [...insecure].map(one => `${one}.\n`).join(''),
    insecure_add: name => (insecure.add(name) ? 'ok\n' : ''),
    insecure_remove: name => (insecure.delete(name) ? 'ok\n' : 'ok\n'),
    list_local_zones: () => zones,
    list_local_data: () => fake.data.map(listed).join(''),
    local_data: add,
    local_data_remove: remove,
  }

  const answer = (command: string): string => {
    const [word = ''] = command.split(' ')
    return COMMANDS[word]?.(command.slice(word.length + 1)) ?? `error unknown command '${word}'\n`
  }

  const server: Server = createServer({ allowHalfOpen: true }, socket => {
    socket.on('error', () => {})
    socket.once('data', chunk => {
      const command = String(chunk)
        .replace(/^UBCT1 /, '')
        .trimEnd()
      fake.commands.push(command)
      const told = fake.behave(command, socket)
      if (told === 'cut') socket.destroy()
      else if (told !== 'silence') socket.end(told ?? answer(command))
    })
  })
  const fake: FakeUnbound = {
    path,
    data: [],
    commands: [],
    behave: () => null,
    reload: (data = []) => {
      insecure.clear()
      fake.data.splice(0, fake.data.length, ...data)
    },
    close: async () => {
      server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  server.listen(path)
  await once(server, 'listening')
  t.teardown(fake.close)
  return fake
}
