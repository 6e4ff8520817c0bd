/* Zones of a test, by the RRs in them. */
import type { ZoneRR } from '../../../../lib/dns/zone/name-tree.ts'
import { Zone, type ZoneUpdate } from '../../../../lib/dns/zone/zone.ts'

export const SOA = {
  ttl: 3600,
  mname: 'ns.lab.example',
  rname: 'hostmaster.lab.example',
  serial: 7,
  refresh: 3600,
  retry: 1200,
  expire: 604_800,
  minimum: 60,
}

export const zoneOf = (rrs: ZoneRR[], soa = SOA): Zone => {
  const zone = new Zone('lab.example', { ...soa, serial: soa.serial - 1 }, ['ns.lab.example'])
  zone.make([
    { do: 'add', rr: { name: 'moves.the.serial.lab.example', type: 'TXT', ttl: 1, value: 'x' } },
    ...adds(rrs),
  ])
  return zone
}

export const adds = (rrs: ZoneRR[]): ZoneUpdate[] => rrs.map(rr => ({ do: 'add', rr }))

export const rr = (name: string, type: ZoneRR['type'], value: string, ttl = 300): ZoneRR => ({ name, type, ttl, value })
