import { Resolver } from 'node:dns/promises'
import type { RecordAnswer } from '../../schemas/api/answers.ts'
import { addressOf } from './subject.ts'

const ABSENT = new Set(['ENOTFOUND', 'ENODATA'])

const orNothing = (error: NodeJS.ErrnoException): string[] => {
  if (!ABSENT.has(error.code ?? '')) throw error
  return []
}

/** Asks a DNS server, over UDP, whether it has a record. */
export const lookupAt = ({ host, port }: { host: string; port: number }) => {
  const resolver = new Resolver({ timeout: 1000, tries: 2 })
  resolver.setServers([`${host}:${port}`])
  const ask = {
    A: (name: string) => resolver.resolve4(name),
    AAAA: (name: string) => resolver.resolve6(name),
    PTR: (name: string) => resolver.reverse(addressOf(name)),
  }
  return async ({ name, type, value }: Pick<RecordAnswer, 'name' | 'type' | 'value'>): Promise<boolean> =>
    (await ask[type](name).catch(orNothing)).includes(value)
}
