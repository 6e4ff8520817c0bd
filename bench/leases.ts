import { reverseName } from '../lib/address.ts'
import { dhcidOf } from '../lib/dns/dhcid.ts'

export const FORWARD = 'lab.example.net'
export const REVERSE = '10.in-addr.arpa'

/** One new lease, as each contestant is told of it and as it must stand in DNS. */
export interface Lease {
  name: string
  reverse: string
  address: string
  mac: string
  clientId: string
  /** Hex. */
  dhcid: string
}

const SECONDS = Math.floor(Date.now() / 1000)
const LIFETIME = 3600

const leaseAt = (n: number): Lease => {
  const bytes = [(n >> 16) & 255, (n >> 8) & 255, n & 255]
  const address = `10.${bytes.join('.')}`
  const mac = `02:00:00:${bytes.map(byte => byte.toString(16).padStart(2, '0')).join(':')}`
  const clientId = `01:${mac}`
  const name = `h${String(n).padStart(7, '0')}.${FORWARD}`
  const client = { key: '', clientId, hwAddress: mac, hwType: 1, duid: null, iaid: null }
  return { name, reverse: reverseName(address), address, mac, clientId, dhcid: dhcidOf(client, name) }
}

/** Gives leases that were never given before. */
export const newLeases = (): ((count: number) => Lease[]) => {
  let last = 0
  return count => Array.from({ length: count }, () => leaseAt(++last))
}

/** As POST /v1/events takes it. */
export const eventOf = ({ name, address, mac, clientId }: Lease) => ({
  event: 'committed',
  'ip-address': address,
  'hw-address': mac,
  'client-id': clientId,
  cltt: SECONDS,
  'valid-lft': LIFETIME,
  'subnet-id': 1,
  hostname: name,
  state: 0,
})

/** As Kea's run_script hook says it: the body of POST /v1/callouts/leases4_committed. */
export const calloutOf = ({ name, address, mac, clientId }: Lease) => ({
  variables: {
    QUERY4_TYPE: 'DHCPREQUEST',
    QUERY4_HWADDR: mac,
    LEASES4_SIZE: '1',
    LEASES4_AT0_ADDRESS: address,
    LEASES4_AT0_CLTT: String(SECONDS),
    LEASES4_AT0_HOSTNAME: name,
    LEASES4_AT0_HWADDR: mac,
    LEASES4_AT0_HWADDR_TYPE: '1',
    LEASES4_AT0_STATE: 'default',
    LEASES4_AT0_SUBNET_ID: '1',
    LEASES4_AT0_VALID_LIFETIME: String(LIFETIME),
    LEASES4_AT0_CLIENT_ID: clientId,
    DELETED_LEASES4_SIZE: '0',
  },
})

/** The first line of a memfile of Kea, as 2.2 writes it. */
export const LEASE_FILE_HEADER =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context'

/** As Kea's memfile has it: one row, without its end. */
export const leaseRowOf = ({ name, address, mac, clientId }: Lease): string =>
  `${address},${mac},${clientId},${LIFETIME},${SECONDS + LIFETIME},1,1,1,${name},0,`

/** As kea-dhcp4 asks D2 for it: a name change request, with its length before it. */
export const nameChangeOf = ({ name, address, dhcid }: Lease): Buffer => {
  const text = JSON.stringify({
    'change-type': 0,
    'forward-change': true,
    'reverse-change': true,
    fqdn: `${name}.`,
    'ip-address': address,
    dhcid: dhcid.toUpperCase(),
    'lease-expires-on': '20401121132405',
    'lease-length': LIFETIME,
    'use-conflict-resolution': true,
  })
  const message = Buffer.alloc(2 + text.length)
  message.writeUInt16BE(text.length)
  message.write(text, 2)
  return message
}
