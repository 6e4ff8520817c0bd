import type { StaticRecord } from '../../schemas/config/leasehold.ts'
import { canonical, familyOf } from '../address.ts'
import type { ZoneRR } from './name-tree.ts'

const address = (family: 4 | 6) => (value: string) => {
  const text = canonical(value)
  return text !== null && familyOf(text) === family ? text : null
}

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/

const domainName = (value: string): string | null => {
  const name = value.toLowerCase().replace(/\.$/, '')
  return name.length <= 253 && name.split('.').every(label => LABEL.test(label)) ? name : null
}

/** For each type what its value must be, and the value's one form (null when it is something else). */
const VALUE: Record<StaticRecord['type'], { is: string; form: (value: string) => string | null }> = {
  A: { is: 'an IPv4 address', form: address(4) },
  AAAA: { is: 'an IPv6 address', form: address(6) },
  PTR: { is: 'a domain name', form: domainName },
  CNAME: { is: 'a domain name', form: domainName },
  TXT: { is: 'a text', form: value => value },
}

/** A person's record as an RR with its value in the one form, or a sentence that says what is wrong with it. */
export const staticRR = ({ name, type, ttl, value }: StaticRecord): ZoneRR | string => {
  const form = VALUE[type].form(value)
  return form === null
    ? `the value of ${type} must be ${VALUE[type].is}, not "${value}"`
    : { name, type, ttl, value: form }
}
