import { z } from 'zod'
import { PolicyFields } from '../model/policy.ts'
import { Duration } from '../model/time.ts'
import { DomainName, PLACE, Port, ServerAddress, ZoneName } from './dns-parts.ts'
import { KeaConfig, NcrConfig } from './kea.ts'
import { LISTENS } from './listens.ts'
import { HostsConfig, UnboundConfig } from './local-dns.ts'
import { Secret } from './secret.ts'
import { WebhookConfig } from './webhook.ts'

/**
 * A reconcile becomes a hold when it would remove over `percent` of a scope's records, if it owns `atLeast` of them.
 */
const HoldsConfig = z.strictObject({
  percent: z.number().min(0).max(100).default(30),
  atLeast: z.int().min(1).default(10),
})

export const Role = z.enum(['callout', 'read', 'operate'])
export type Role = z.infer<typeof Role>

export const Token = z.strictObject({ name: z.string().min(1), role: Role, secret: Secret })
export type Token = z.infer<typeof Token>

const HOST = /^(\[[0-9a-f]*:[0-9a-f:.]+\]|[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?\.?)(:\d{1,5})?$/i

/** A host with or without a port, as in a Host header. */
const Host = z
  .string()
  .max(260)
  .refine(text => HOST.test(text) && URL.canParse(`http://${text}`), {
    error: 'expected a host name, with or without a port, like "dns.example.net" or "dns.example.net:8443"',
  })
  .transform(text => text.toLowerCase())

export const HttpConfig = z.strictObject({
  host: z.string().min(1).default(LISTENS.host),
  port: Port.default(LISTENS.port),
  /** Names by which a proxy may call Leasehold. They are checked only when there are no tokens. */
  hosts: z.array(Host).default([]),
  tokens: z.array(Token).default([]),
})

const JsonStoreConfig = z.strictObject({
  kind: z.literal('json').default('json'),
  path: z.string().min(1).default('./data'),
  /** Refuses to start on a folder without a store: an empty one may be that of a volume which is not mounted. */
  mustExist: z.boolean().optional(),
})

/**
 * The estate in PostgreSQL, which several Leaseholds may share. `path` is the folder of what each keeps for itself: its
 * audit log, and what its Keas last told.
 */
const PostgresStoreConfig = z.strictObject({
  kind: z.literal('postgres'),
  /** As in "postgres://leasehold@db.example.net/leasehold": user, host, port and database. */
  url: z.string().min(1),
  password: Secret.optional(),
  /** A file with the certificates that the server's must come from. With it the connection is encrypted and verified. */
  ca: z.string().min(1).optional(),
  /** The schema in the database that holds the tables. */
  schema: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, { error: 'expected lower case letters, digits and "_", like "leasehold"' })
    .default('leasehold'),
  path: z.string().min(1).default('./data'),
  /** Refuses to start where the schema holds no estate yet. */
  mustExist: z.boolean().optional(),
})
export type PostgresStoreConfig = z.infer<typeof PostgresStoreConfig>

/** An input without `kind` means a folder. */
export const StoreConfig = z.preprocess(
  input => (typeof input === 'object' && input !== null && !('kind' in input) ? { kind: 'json', ...input } : input),
  z.discriminatedUnion('kind', [JsonStoreConfig, PostgresStoreConfig]),
)

export const Algorithm = z.enum(['hmac-md5', 'hmac-sha1', 'hmac-sha224', 'hmac-sha256', 'hmac-sha384', 'hmac-sha512'])
export type Algorithm = z.infer<typeof Algorithm>

/** `secret` is base64. `keyFile`, in place of the others, is a BIND key file as `tsig-keygen` writes it. */
export const TsigConfig = z
  .strictObject({
    name: DomainName.optional(),
    algorithm: Algorithm.optional(),
    secret: Secret.optional(),
    keyFile: z.string().min(1).optional(),
  })
  .check(({ value, issues }) => {
    const add = (key: string, message: string) =>
      issues.push({ code: 'custom', path: [key], message, input: value, continue: true })
    const { keyFile, ...others } = value
    for (const [key, one] of Object.entries(others)) {
      if (keyFile !== undefined && one !== undefined) add(key, 'expected nothing, as it stands in the keyFile')
    }
    if (keyFile !== undefined) return
    if (value.name === undefined) add('name', 'expected a text')
    if (value.secret === undefined) add('secret', 'expected {"file": "..."}, {"env": "..."} or a text, or a keyFile')
  })
export type TsigConfig = z.infer<typeof TsigConfig>

/** A domain name whose first label may be `*` (RFC 4592). */
const OwnerName = z.union(
  [
    DomainName,
    z
      .string()
      .startsWith('*.')
      .transform(name => name.slice(2))
      .pipe(DomainName)
      .transform(name => `*.${name}`),
  ],
  {
    error: 'expected a domain name, like "nas.lab.example.net" or "*.lab.example.net"',
  },
)

/** Records of a person in the embedded server: served as they are, never touched. */
export const StaticRecord = z.strictObject({
  name: OwnerName,
  type: z.enum(['A', 'AAAA', 'PTR', 'TXT', 'CNAME', 'NS', 'MX', 'SRV', 'HTTPS', 'CAA']),
  ttl: Duration.default(3600),
  /** A list is a TXT of several strings. */
  value: z.union([z.string().min(1), z.array(z.string()).min(1)], { error: 'expected a text, or a list of texts' }),
})
export type StaticRecord = z.infer<typeof StaticRecord>

/** The name under which the embedded server stands in its zones, and its address where a resolver can reach it. */
const NameServer = z.strictObject({
  name: DomainName,
  address: z.union([z.ipv4(), z.ipv6()], { error: 'expected an IPv4 or IPv6 address' }).optional(),
})

/** A server that copies the zones: it is told of changes, and may transfer them with its key. */
const SecondaryConfig = z.strictObject({ address: ServerAddress, tsig: TsigConfig })
export type SecondaryConfig = z.infer<typeof SecondaryConfig>

export const EmbeddedConfig = z.strictObject({
  ...PLACE,
  kind: z.literal('embedded'),
  host: z.string().default('127.0.0.1'),
  port: Port.default(5353),
  zones: z.array(ZoneName).optional(),
  records: z.array(StaticRecord).default([]),
  ns: NameServer.optional(),
  secondaries: z.array(SecondaryConfig).default([]),
})
export type EmbeddedConfig = z.infer<typeof EmbeddedConfig>

export const Rfc2136Config = z.strictObject({
  ...PLACE,
  kind: z.literal('rfc2136'),
  servers: z.array(ServerAddress).min(1),
  zones: z.array(ZoneName).min(1).optional(),
  /** Tells two entries of one server apart, where each reaches another view of it. */
  view: z.string().min(1).optional(),
  tsig: TsigConfig.optional(),
  /** True allows updates without a TSIG key. */
  unsigned: z.boolean().default(false),
  marker: z.enum(['dhcid', 'txt', 'none']).default('dhcid'),
  timeout: z.int().min(100).max(60_000).default(5000),
})
export type Rfc2136Config = z.infer<typeof Rfc2136Config>

/** Where an HTTP API is, and how it is asked. `ca`: a PEM file of those whom to trust instead of the system's. */
const HTTP_API = {
  url: z.url({ protocol: /^https?$/, error: 'expected a URL, like "http://192.0.2.53:8081"' }),
  ca: z.string().min(1).optional(),
  zones: z.array(ZoneName).min(1).optional(),
  marker: z.enum(['dhcid', 'txt', 'none']).default('dhcid'),
  timeout: z.int().min(100).max(60_000).default(5000),
}

/** PowerDNS by its HTTP API. `server` is the id that its API gives it. */
export const PowerDnsConfig = z.strictObject({
  ...PLACE,
  kind: z.literal('powerdns'),
  ...HTTP_API,
  apiKey: Secret,
  server: z.string().min(1).default('localhost'),
})
export type PowerDnsConfig = z.infer<typeof PowerDnsConfig>

/** Technitium by its HTTP API. */
export const TechnitiumConfig = z.strictObject({
  ...PLACE,
  kind: z.literal('technitium'),
  ...HTTP_API,
  token: Secret,
})
export type TechnitiumConfig = z.infer<typeof TechnitiumConfig>

export const DnsConfig = z.discriminatedUnion('kind', [
  EmbeddedConfig,
  Rfc2136Config,
  PowerDnsConfig,
  TechnitiumConfig,
  UnboundConfig,
  HostsConfig,
])
export type DnsConfig = z.infer<typeof DnsConfig>

export const ScopeConfig = z.strictObject({
  name: z.string().min(1).max(100),
  subnet: z
    .string()
    .regex(/^[0-9a-fA-F.:]+\/\d{1,3}$/, { error: 'expected a network like "10.1.0.0/16" or "2001:db8::/64"' }),
  domain: DomainName,
  forwardZone: DomainName.optional(),
  reverseZone: ZoneName.optional(),
  backend: z.string().min(1).optional(),
  ...PolicyFields.shape,
})
export type ScopeConfig = z.infer<typeof ScopeConfig>

/** The identifier of a client in hex: "hw:02:00:00:00:00:01", "id:01:02:...", "duid:00:03:...". Output: lower case. */
const ClientName = z
  .string()
  .max(800)
  .regex(/^(hw(:[0-9a-f]{2}){1,20}|id(:[0-9a-f]{2}){1,255}|duid(:[0-9a-f]{2}){1,130})$/i, {
    error: 'expected "hw:", "id:" or "duid:" and bytes in hex, like "hw:02:00:00:00:00:01"',
  })
  .transform(client => client.toLowerCase())

/** A host that is infrastructure, for feeds that do not tell Kea's own reservations. `name` may be a whole name. */
export const ReservationConfig = z.strictObject({
  scope: z.string().min(1).max(100),
  client: ClientName,
  name: DomainName.optional(),
  address: z.union([z.ipv4(), z.ipv6()], { error: 'expected an IPv4 or IPv6 address' }).optional(),
})
export type ReservationConfig = z.infer<typeof ReservationConfig>

export const LogConfig = z.strictObject({
  level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  /** `auto`: readable lines on a terminal, JSON elsewhere. */
  format: z.enum(['auto', 'json', 'pretty']).default('auto'),
})
export type LogConfig = z.infer<typeof LogConfig>

/** The private networks of RFC 1918 and RFC 4193. By default their domain is home.arpa (RFC 8375). */
const PRIVATE_NETWORKS = [
  { name: 'private-10', subnet: '10.0.0.0/8' },
  { name: 'private-172', subnet: '172.16.0.0/12' },
  { name: 'private-192', subnet: '192.168.0.0/16' },
  { name: 'private-fd00', subnet: 'fd00::/8' },
]

const byDefault = {
  dns: (): DnsConfig[] => [EmbeddedConfig.parse({ name: 'local', kind: 'embedded' })],
  scopes: (): ScopeConfig[] => PRIVATE_NETWORKS.map(network => ScopeConfig.parse({ ...network, domain: 'home.arpa' })),
}

/** leasehold.json. By default the embedded server serves this machine alone: private networks under home.arpa. */
export const Config = z.strictObject({
  /** Where an editor finds the JSON Schema of this file. Leasehold does not read it. */
  $schema: z.string().optional(),
  http: HttpConfig.default(() => HttpConfig.parse({})),
  store: StoreConfig.default(() => StoreConfig.parse({})),
  dns: z.array(DnsConfig).min(1).default(byDefault.dns),
  kea: z.array(KeaConfig).default([]),
  holds: HoldsConfig.default(() => HoldsConfig.parse({})),
  ncr: NcrConfig.optional(),
  scopes: z.array(ScopeConfig).min(1).default(byDefault.scopes),
  reservations: z.array(ReservationConfig).default([]),
  webhooks: z.array(WebhookConfig).max(32).default([]),
  log: LogConfig.default(() => LogConfig.parse({})),
})
export type Config = z.infer<typeof Config>
