import { Resolver } from 'node:dns/promises'
import { canonical } from '../../lib/address.ts'
import type { RecordAnswer } from '../../schemas/api/answers.ts'

const LABELS4 = 4

/** The address that a reverse name stands for: 20.0.1.10.in-addr.arpa is 10.1.0.20. */
export const addressOf = (reverse: string): string => {
  const labels = reverse.split('.')
  if (reverse.endsWith('.in-addr.arpa')) return labels.slice(0, LABELS4).reverse().join('.')
  const nibbles = labels.slice(0, -2).reverse().join('')
  return canonical(nibbles.match(/.{4}/g)!.join(':'))!
}

const ABSENT = new Set(['ENOTFOUND', 'ENODATA'])

const orNothing = (error: NodeJS.ErrnoException): string[] => {
  if (!ABSENT.has(error.code ?? '')) throw error
  return []
}

/** Returns a function that asks a DNS server whether it has a record. */
export const lookupAt = ({ host, port }: { host: string; port: number }) => {
  const resolver = new Resolver({ timeout: 1000, tries: 2 })
  resolver.setServers([`${host}:${port}`])
  const ask = {
    A: (name: string) => resolver.resolve4(name),
    AAAA: (name: string) => resolver.resolve6(name),
    PTR: (name: string) => resolver.reverse(addressOf(name)),
    CNAME: (name: string) => resolver.resolveCname(name),
  }
  return async ({ name, type, value }: Pick<RecordAnswer, 'name' | 'type' | 'value'>): Promise<boolean> =>
    (await ask[type](name).catch(orNothing)).includes(value)
}
