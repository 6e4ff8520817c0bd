import type { Family } from '../address.ts'
import { BadInput, found } from '../bad-input.ts'

/** The columns that every version of a lease file has, in no order that counts, and those that came later. */
const NAMES = {
  4: {
    always: 'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname',
    later: 'state,user_context,pool_id',
  },
  6: {
    always:
      'address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname',
    later: 'hwaddr,state,user_context,hwtype,hwaddr_source,pool_id',
  },
} as const

/** Where each column of one lease file stands. */
export interface Columns {
  family: Family
  count: number
  at: Readonly<Record<string, number>>
}

const NAME = /^[a-z0-9_]{1,64}$/

/**
 * The columns that a lease file's first line names. Columns that are not known may follow; Kea adds some with every
 * version. Throws BadInput when a column is missing or there twice, so that nothing is believed of such a file.
 * Source: Kea's src/lib/dhcpsrv/csv_lease_file4.cc and csv_lease_file6.cc.
 */
export const columnsOf = (header: string, family: Family): Columns => {
  const names = header.split(',')
  const wrong = names.find((name, at) => !NAME.test(name) || names.indexOf(name) !== at)
  if (wrong !== undefined) {
    throw new BadInput([{ field: 'header', expected: 'the name of each column once', found: found(wrong) }])
  }
  const missing = NAMES[family].always.split(',').filter(name => !names.includes(name))
  if (missing.length > 0) {
    const expected = `the columns of a DHCPv${family} lease file, ${missing.join(', ')} among them`
    throw new BadInput([{ field: 'header', expected, found: found(header) }])
  }
  const known = [NAMES[family].always, NAMES[family].later].join(',').split(',')
  const strange = names.findIndex(name => !known.includes(name))
  if (strange >= 0 && names.slice(strange).some(name => known.includes(name))) {
    const expected = 'columns that are not known to stand at the end'
    throw new BadInput([{ field: 'header', expected, found: found(names[strange]) }])
  }
  return { family, count: names.length, at: Object.fromEntries(names.map((name, at) => [name, at])) }
}
