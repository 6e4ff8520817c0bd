/** The variables of a lease, as lease4_expire has them. */
export const LEASE4 = {
  LEASE4_ADDRESS: '192.0.2.100',
  LEASE4_CLTT: '1795248907',
  LEASE4_HOSTNAME: 'alpha.lab.example',
  LEASE4_HWADDR: '02:00:00:00:01:01',
  LEASE4_HWADDR_TYPE: '1',
  LEASE4_STATE: 'default',
  LEASE4_SUBNET_ID: '1',
  LEASE4_VALID_LIFETIME: '3600',
  LEASE4_CLIENT_ID: '01:02:00:00:00:01:01',
}

/** The same for v6, in a form that is not the canonical one. */
export const LEASE6 = {
  LEASE6_ADDRESS: '2001:DB8:1:0::100',
  LEASE6_CLTT: '1795248912',
  LEASE6_HOSTNAME: 'alpha6.example.org.',
  LEASE6_HWADDR: '',
  LEASE6_HWADDR_TYPE: '',
  LEASE6_STATE: 'default',
  LEASE6_SUBNET_ID: '2',
  LEASE6_VALID_LIFETIME: '4294967295',
  LEASE6_DUID: '00:03:00:01:02:00:00:00:06:01',
  LEASE6_IAID: '4294967295',
  LEASE6_PREFERRED_LIFETIME: '1800',
  LEASE6_PREFIX_LEN: '128',
  LEASE6_TYPE: 'IA_NA',
}

/** Values by name. */
export type Names = Record<string, string>

/** The lease of LEASE4_ or LEASE6_ as LEASES4_AT0_, DELETED_LEASES6_AT1_ and so on, with other values where given. */
const inList = (lease: Names, place: string, other: Names = {}): Names =>
  Object.fromEntries(
    Object.entries(lease).map(([name, value]) => [name.replace(/^LEASE._/, place), other[name.slice(7)] ?? value]),
  )
const list = (lease: Names, name: string, leases: Names[]): Names => ({
  [`${name}_SIZE`]: `${leases.length}`,
  ...Object.assign({}, ...leases.map((other, at) => inList(lease, `${name}_AT${at}_`, other))),
})

/** The variables of a commit: each lease is LEASE4 with other values where given. */
export const committed4 = (written: Names[], deleted: Names[]): Names => ({
  ...list(LEASE4, 'LEASES4', written),
  ...list(LEASE4, 'DELETED_LEASES4', deleted),
})

export const committed6 = (written: Names[], deleted: Names[]): Names => ({
  ...list(LEASE6, 'LEASES6', written),
  ...list(LEASE6, 'DELETED_LEASES6', deleted),
})
