/*
 * Set-ups as people get them wrong, as rows: what stands in the configuration, what happens then, and what is to be said of
 * it. The servers of a row are a real BIND, or stand at the wire.
 */
import { createSocket } from 'node:dgram'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FindingKind } from '../../../schemas/model/finding.ts'
import { TSIG } from '../backends/rfc2136/opened.ts'
import { bindAt, COMMANDS, HEADER, keaAt, type Place, SECRET } from './set-ups.ts'
import { type watched, ZONE, ZONES } from './watched.ts'

export interface Row {
  what: string
  settings: (place: Place) => object | Promise<object>
  /** What happens then; by default a lease is told of. */
  act?: (program: Awaited<ReturnType<typeof watched>>, place: Place) => unknown
  finding: FindingKind
  /** Stands in the finding's reason, and in the line of the log. */
  reason: RegExp
  remedy: RegExp
  /** Stands in the part of the status that tells of it, as JSON. */
  status: [part: 'sources' | 'kea' | 'dns' | 'findings', text: RegExp]
  /** Stands in what doctor finds wrong, as `subject: text -> remedy`; null for what is seen only as it happens. */
  doctor: RegExp | null
}

export const ROWS: Row[] = [
  {
    what: 'nothing listens where Kea should',
    settings: () => keaAt('http://127.0.0.1:1'),
    finding: 'kea-unreachable',
    reason: /refuses connections/,
    remedy: /systemctl status kea-ctrl-agent kea-dhcp4-server/,
    status: ['kea', /"reachable":false,"problem":"[^"]*refuses connections/],
    doctor: /kea1 dhcp4: .*refuses connections.* -> start Kea/,
  },
  {
    what: "Kea's password is wrong",
    settings: async ({ refusing }) => keaAt(await refusing()),
    finding: 'source-unauthorised',
    reason: /wants another user name or password \(HTTP 401\)/,
    remedy: /"username" and "password" of "kea1"/,
    status: ['kea', /"problem":"[^"]*HTTP 401/],
    doctor: /wants another user name or password.* -> give "username"/,
  },
  {
    what: 'there is no dhcp6',
    settings: async ({ kea }) => keaAt(await kea(), { services: ['dhcp4', 'dhcp6'] }),
    finding: 'kea-unreachable',
    reason: /is not dhcp6: its configuration is of/,
    remedy: /take "dhcp6" out of "services"/,
    status: ['kea', /"service":"dhcp6","reachable":false/],
    doctor: /is not dhcp6.* -> /,
  },
  {
    what: 'lease_cmds is not loaded',
    settings: async ({ kea }) =>
      keaAt(
        await kea(
          {},
          COMMANDS.filter(name => !name.startsWith('lease')),
        ),
      ),
    finding: 'kea-command-missing',
    reason: /does not know lease4-get-page/,
    remedy: /libdhcp_lease_cmds\.so/,
    status: ['kea', /"lastListing":null/],
    doctor: /has no lease4-get-page.* -> load the hook library libdhcp_lease_cmds/,
  },
  {
    what: 'D2 writes DNS too',
    settings: async ({ kea }) => keaAt(await kea({ 'dhcp-ddns': { 'enable-updates': true, 'server-port': 53_001 } })),
    finding: 'two-writers',
    reason: /sends its own DNS updates to 127\.0\.0\.1 port 53001/,
    remedy: /"enable-updates": false/,
    status: ['findings', /[1-9]/],
    doctor: /two programs write DNS -> set "dhcp-ddns"/,
  },
  {
    what: 'the clock of Kea is ten minutes ahead',
    settings: async ({ kea }) => keaAt(await kea({}, COMMANDS, 600_000)),
    finding: 'clock-skew',
    reason: /ahead of ours/,
    remedy: /NTP/,
    status: ['findings', /[1-9]/],
    doctor: /kea1 clock: is \d+ s ahead of ours.* -> .*NTP/,
  },
  {
    what: 'a subnet of Kea has no domain',
    settings: async ({ kea }) => keaAt(await kea({ subnet4: [{ id: 1, subnet: '192.0.2.0/24' }] })),
    finding: 'bad-suffix',
    reason: /192\.0\.2\.0\/24/,
    remedy: /"ddns-qualifying-suffix"/,
    status: ['findings', /[1-9]/],
    doctor: /192\.0\.2\.0\/24.* -> give the subnet a "ddns-qualifying-suffix"/,
  },
  {
    what: 'the lease file is not there',
    settings: ({ folder }) => ({
      kea: [{ name: 'kea1', services: ['dhcp4'], memfile: { dhcp4: join(folder, 'none.csv') } }],
    }),
    finding: 'lease-file-unreadable',
    reason: /cannot be trusted/,
    remedy: /usermod -aG _kea leasehold/,
    status: ['sources', /"source":"lease-file","name":"[^"]*none\.csv","lastHeard":null/],
    doctor: /lease file: .*ENOENT -> mend the path/,
  },
  {
    what: 'the lease file is something else',
    settings: async ({ folder }) => {
      await writeFile(join(folder, 'other.csv'), 'hello\n')
      return { kea: [{ name: 'kea1', services: ['dhcp4'], memfile: { dhcp4: join(folder, 'other.csv') } }] }
    },
    finding: 'lease-file-unreadable',
    reason: /cannot be trusted/,
    remedy: /head -1 /,
    status: ['sources', /"source":"lease-file"/],
    doctor: /lease file: .*cannot be read/,
  },
  {
    what: 'the lease file is that of another Kea',
    settings: async ({ folder, kea }) => {
      const [ours, theirs] = [join(folder, 'ours.csv'), join(folder, 'theirs.csv')]
      await writeFile(ours, `${HEADER}\n`)
      return keaAt(await kea({ 'lease-database': { type: 'memfile', name: theirs } }), { memfile: { dhcp4: ours } })
    },
    finding: 'lease-file-unreadable',
    reason: /theirs\.csv/,
    remedy: /theirs\.csv/,
    status: ['findings', /[1-9]/],
    doctor: /not the file of this Kea -> Kea writes .*theirs\.csv/,
  },
  {
    what: 'the hook has an unknown token',
    settings: () => ({ http: { port: 0, tokens: [{ name: 'me', role: 'operate', secret: SECRET }] } }),
    act: ({ send }) =>
      send('POST', '/v1/callouts/lease4_recover', { variables: {} }, { authorization: 'Bearer another' }),
    finding: 'source-unauthorised',
    reason: /Kea's hook .* was refused.* The bearer token is not known/,
    remedy: /LEASEHOLD_TOKEN_FILE of leasehold-hook\.conf/,
    status: ['sources', /"source":"hook".*"why":"unauthorised"/],
    doctor: null,
  },
  {
    what: 'the hook is heard, and no Kea can be listed',
    settings: () => ({}),
    finding: 'source-silent',
    reason: /no Kea can be listed/,
    remedy: /"kea": \[/,
    status: ['sources', /"accepted":1/],
    doctor: null,
  },
  {
    what: 'what comes to the port of name change requests is none',
    settings: () => ({ ncr: { port: 0 } }),
    act: async ({ program }) => {
      const socket = createSocket('udp4')
      socket.send('hello', program.ncr!.port, '127.0.0.1', () => socket.close())
    },
    finding: 'source-malformed',
    reason: /not understood/,
    remedy: /./,
    status: ['sources', /"source":"ncr".*"why":"malformed"/],
    doctor: null,
  },
  {
    what: 'the secret of the key is wrong',
    settings: place => bindAt(place, { tsig: { ...place.named.key, secret: 'aHVudGVyMmh1bnRlcjI=' } }),
    finding: 'zone-refused',
    reason: /BADSIG/,
    remedy: /has another secret at/,
    status: ['dns', /"state":"refused".*BADSIG/],
    doctor: /BADSIG.* -> give the secret/,
  },
  {
    what: 'the name of the key is wrong',
    settings: place => bindAt(place, { tsig: { ...place.named.key, name: 'nobody' } }),
    finding: 'zone-refused',
    reason: /BADKEY/,
    remedy: /key nobody \{ algorithm hmac-sha256/,
    status: ['dns', /"state":"refused".*BADKEY/],
    doctor: /BADKEY.* -> give the name/,
  },
  {
    what: 'the algorithm of the key is wrong',
    settings: place => bindAt(place, { tsig: { ...place.named.key, algorithm: 'hmac-sha512' } }),
    finding: 'zone-refused',
    reason: /BADKEY/,
    remedy: /algorithm hmac-sha512.*must be the same on both sides/,
    status: ['dns', /"state":"refused".*BADKEY/],
    doctor: /BADKEY.* -> give the name and the algorithm/,
  },
  {
    what: 'the update-policy does not let the key write',
    settings: place => bindAt(place, { tsig: place.named.keys.reader }),
    finding: 'zone-refused',
    reason: /REFUSED/,
    remedy: /update-policy \{ grant reader zonesub ANY; \}/,
    status: ['dns', /"problem":"[^"]*REFUSED/],
    doctor: /REFUSED.* -> let the key update the zone/,
  },
  {
    what: 'the server does not have the zone',
    settings: place => ({
      ...bindAt(place, { zones: ['gone.example', ZONES[1]] }),
      scopes: [{ name: 'office', subnet: '10.1.0.0/16', domain: 'gone.example', reverseZone: ZONES[1] }],
    }),
    finding: 'zone-missing',
    reason: /NOTAUTH/,
    remedy: /rndc addzone gone\.example/,
    status: ['dns', /"zone":"gone\.example","state":"refused"/],
    doctor: /gone\.example: .* -> /,
  },
  {
    what: 'the server does not have the reverse zone',
    settings: place => ({
      ...bindAt(place, { zones: [ZONE, '16.172.in-addr.arpa'] }),
      scopes: [{ name: 'office', subnet: '172.16.0.0/16', domain: ZONE }],
    }),
    act: ({ event }) => event('172.16.0.20', 'red'),
    finding: 'zone-missing',
    reason: /NOTAUTH/,
    remedy: /rndc addzone 16\.172\.in-addr\.arpa/,
    status: ['dns', /"zone":"16\.172\.in-addr\.arpa","state":"refused"/],
    doctor: /16\.172\.in-addr\.arpa: .* -> /,
  },
  {
    what: 'the clock of the DNS server is an hour ahead',
    settings: async place => bindAt(place, { servers: [await place.ahead(3600)], tsig: TSIG }),
    finding: 'clock-skew',
    reason: /BADTIME.* s ahead of ours/,
    remedy: /NTP/,
    status: ['dns', /"problem":"[^"]*BADTIME/],
    doctor: /BADTIME.* -> /,
  },
  {
    what: 'the configuration names no reverse zone',
    settings: place => ({
      ...bindAt(place, { zones: [ZONE] }),
      scopes: [{ name: 'office', subnet: '10.1.0.0/16', domain: ZONE }],
    }),
    finding: 'zone-missing',
    reason: /holds the PTR records of office/,
    remedy: /^Add "1\.10\.in-addr\.arpa" to "zones"/,
    status: ['findings', /[1-9]/],
    doctor: /scope office: no zone of bind holds 1\.10\.in-addr\.arpa -> add the zone/,
  },
  {
    what: 'nothing listens where the DNS server should',
    settings: place => bindAt(place, { servers: ['127.0.0.1:1'] }),
    finding: 'server-unreachable',
    reason: /127\.0\.0\.1:1 refuses connections/,
    remedy: /dig \+tcp @127\.0\.0\.1 -p 1 .* SOA/,
    status: ['dns', /"state":"unreachable"/],
    doctor: /refuses connections -> start the server/,
  },
]
