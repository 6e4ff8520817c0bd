/**
 * Every rule by which Leasehold decides, each with the sentence that explains it to a person.
 *
 * A decision, a record and a skipped request carry a rule's id and its sentence. The ids are stable: they stand in
 * answers, in the audit log and in the label `rule` of a metric. So a new rule is one row here, and nothing else:
 * `RULES` is what the metrics count by, and a test walks every row.
 *
 *     rule id            facts                                   sentence
 *     released           client id:01, address 192.0.2.1         id:01 gave 192.0.2.1 back, and the scope does not ...
 *     name-in-use        name red.lab.example, detail of DNS     red.lab.example is in DNS already and is not ...
 */

/** What a sentence may mention. A rule reads only the facts that its own sentence needs. */
export interface Facts {
  name?: string | null
  address?: string
  /** The client whose lease it is, by its key. */
  client?: string
  /** The other party: a client that has the name or the address now, a newer address, a new name; what a role rests on. */
  other?: string
  /** The target of the alias that has the name. */
  alias?: string
  /** When the grace ends, in ISO 8601. */
  due?: string
  /** What the DNS server answered, or what was read there; with or without a full stop. */
  detail?: string
  /** The person who meant something, by the name of the token, and the reason that was given. */
  by?: string
  why?: string | null
}

type Sentence = (facts: Facts) => string

/** Why a record is wanted. */
const WANTED = {
  'lease-active': f => `${f.client} holds ${f.address}. It stays while the lease is renewed.`,
  'lease-overdue': f =>
    `The time of the lease of ${f.address} is over, and nobody told whether ${f.client} renewed it. It stays until it counts as expired.`,
  'retained-on-expiry': f =>
    `The lease of ${f.address} expired, and the scope retains names on expiry. It stays until the address goes to another client.`,
  'retained-on-release': f =>
    `The lease of ${f.address} was given back, and the scope retains names on release. It stays until the address goes to another client.`,
  'grace-on-expiry': f =>
    `The lease of ${f.address} expired. It goes at ${f.due} unless ${f.client} comes back before.`,
  'grace-on-release': f =>
    `The lease of ${f.address} was given back. It goes at ${f.due} unless ${f.client} comes back before.`,
  pinned: f =>
    `The name is pinned, so it stays though the lease of ${f.address} is over${f.due ? `; the pin ends at ${f.due}` : ''}.`,
  restored: f =>
    `The name had gone and a person brought it back. It stays until it is unpinned or released, or ${f.address} goes to another client.`,
  promoted: f =>
    `The name is promoted to infrastructure, so it stays though the lease of ${f.address} is over. It goes when it is demoted or released, or when the address goes to another client.`,
  'role-pointed-at': f =>
    `The lease of ${f.address} is over, but others rely on the name, as ${f.other} points to it. It is kept as infrastructure is, until nothing points there any more.`,
  'role-long-held': f =>
    `The lease of ${f.address} is over, but ${f.client} held the name for ${f.other} without a break. It is kept as infrastructure is, until the address goes to another client.`,
  'reserved-name': f =>
    `${f.address} is reserved for this host, and the scope publishes reservations before their first lease.`,
  alias: f =>
    `${f.name} is an alias of ${f.other}. It stays while Leasehold has that name in DNS, until it is taken back.`,
} as const satisfies Record<string, Sentence>

/** Why a record is not, or no longer, wanted. */
const UNWANTED = {
  expired: f => `The lease of ${f.address} expired, and the scope does not retain names on expiry.`,
  released: f => `${f.client} gave ${f.address} back, and the scope does not retain names on release.`,
  deleted: f => `The lease of ${f.address} was deleted in Kea, and the scope does not retain names on release.`,
  declined: f => `${f.address} was declined: another machine is using it.`,
  recovered: f => `${f.address} had been declined.`,
  moved: f => `${f.client} moved from ${f.address} to another address.`,
  renamed: f => `The lease of ${f.address} now has another name${f.other ? `: ${f.other}` : ''}.`,
  reassigned: f => `${f.address} now belongs to another client${f.other ? `, ${f.other}` : ''}.`,
  superseded: f => `The same machine has this name at a newer lease, ${f.other}.`,
  'name-taken': f =>
    f.alias
      ? `The name is an alias of ${f.alias}. ${f.address} gets it when the alias is taken back.`
      : `The name belongs to another client, ${f.other}. ${f.address} gets it when that one lets it go.`,
  'forward-conflict': f => `${f.name} is somebody else's in DNS, so no PTR may point at it.`,
  'ptr-only': () => 'The scope publishes PTRs only: A and AAAA records are not its own to write.',
  'scope-gone': f => `${f.address} is in no scope any more, so the name of its lease went.`,
  'let-go': f => `The lease of ${f.address} is over, and a person released what stayed of it.`,
  'server-gone': f =>
    `${f.name} was at "${f.other}", which is no entry of dns any more. Leasehold forgot it on a person's word; DNS may still hold it.`,
  unreserved: f => `${f.address} is no longer reserved for this name, and there was no lease of it.`,
  'left-to-client': f =>
    `Kea is not to write this for ${f.client}: the client's FQDN option, or Kea's configuration, leaves it to the client.`,
  'alias-target-gone': f =>
    `Leasehold has ${f.other} no more in DNS, so nothing leads there. The alias returns with it.`,
  'alias-changed': f => `${f.name} is now an alias of ${f.other}.`,
  'alias-removed': f => `A person took back that ${f.name} is an alias.`,
  'alias-zone-gone': f => `No zone that Leasehold writes holds ${f.name} any more.`,
  'never-committed': f => `No lease of ${f.address} was ever seen to begin.`,
} as const satisfies Record<string, Sentence>

/** Why an event changed nothing. */
const SKIPPED = {
  unchanged: f => `${f.name} already is what the lease of ${f.address} wants; nothing to do.`,
  hint: f => `A renewal in progress proves nothing about ${f.address}; the committed event will.`,
  stale: f => `Something newer is already known of ${f.address}, so this event changes nothing.`,
  duplicate: f => `This was already known of ${f.address}.`,
  nobody: f => `The event names no client for ${f.address}.`,
  'out-of-scope': f => `${f.address} is in no scope.`,
  'prefix-delegation': f => `${f.address} is a delegated prefix, which is never published.`,
  'no-name': f => `The lease of ${f.address} has no host name that could be published.`,
  'name-denied': f => `The lease of ${f.address} asks for a name that the scope denies to DHCP clients.`,
  'name-reserved': f => `The lease of ${f.address} asks for a name that is reserved for another host.`,
  'in-scope-again': f => `${f.address} is in a scope again, so its lease is not ended for having none.`,
  'updates-off': f =>
    `Kea's configuration sends no DNS updates for the subnet of ${f.address} (ddns-send-updates), so nothing is published.`,
  'no-zone': f => `No zone of the scope's backend holds the name of the lease of ${f.address}.`,
  'no-reverse-zone': f =>
    `No zone of the scope's backend holds the reverse name of ${f.address}, so nothing there points at ${f.name}.`,
  'ptr-derived': f =>
    `The DNS server of the scope makes the PTR of ${f.address} from the address of ${f.name} by itself, so none is published.`,
  'updates-declined': f =>
    `Kea is not to write names for the lease of ${f.address}: its client asked for none, or writes them itself.`,
  undecided: f => `The event of ${f.address} could not be decided on, so nothing was changed for it. The log says why.`,
  'not-ours': f => `Nothing is published for ${f.address}.`,
} as const satisfies Record<string, Sentence>

/** Why a name change request (NCR) of Kea teaches nothing. */
const IGNORED = {
  'ncr-duplicate': () => 'This was already known of the lease.',
  'ncr-older': () => 'Something newer is already known of the lease.',
  'ncr-overtaken': () => 'A later request of the same batch tells what became of the address.',
  'ncr-unknown': () => 'No lease of the address is known that could end.',
  'ncr-other': () => 'The address is held by another client, or under another name than the one that goes.',
} as const satisfies Record<string, Sentence>

const stopped = (detail = ''): string => (detail.endsWith('.') ? detail : `${detail}.`)

/** Why Leasehold no longer writes a record: DNS holds something there that is not its own. */
const STOPPED = {
  'name-in-use': f =>
    `${f.name} is in DNS already and is not Leasehold's, so nothing was written: ${stopped(f.detail)}`,
  'changed-by-hand': f =>
    `${f.name} is no longer what Leasehold wrote, so somebody changed it and it is left alone: ${stopped(f.detail)}`,
} as const satisfies Record<string, Sentence>

/** What reading DNS again found. */
const FOUND = {
  'missing-in-dns': f =>
    `DNS no longer holds ${f.name}, though Leasehold published it and nobody else has the name; it is published again.`,
  'free-again': f => `${f.name} is no longer somebody else's in DNS, so it is published again.`,
  'somebody-elses': f =>
    `Somebody else made this: ${f.detail} was first seen at ${f.due}. Leasehold shows it, and does not touch it.`,
  'given-back': f => `${f.name} was somebody else's in DNS, and a person gave it back; it is written as it is wanted.`,
  'taken-up': f => `${f.name} had ${f.other} under this client's own marker, so it is replaced.`,
} as const satisfies Record<string, Sentence>

const because = ({ why }: Facts): string => (why ? `: ${stopped(why)}` : '.')

/** What a person meant, and what became of it. */
const MEANT = {
  'pin-set': f => `${f.by} pinned ${f.name}${f.due ? ` until ${f.due}` : ''}${because(f)}`,
  'pin-taken-back': f => `${f.by} unpinned ${f.name}${because(f)}`,
  'pin-over': f => `The time of the pin of ${f.name} is over; ${f.by} had set it.`,
  'promotion-set': f => `${f.by} promoted ${f.name} to infrastructure, for ${f.other}${because(f)}`,
  'promotion-taken-back': f => `${f.by} demoted ${f.name}${because(f)}`,
  'assignment-set': f => `${f.by} gave ${f.client} the name ${f.name}${because(f)}`,
  'assignment-taken-back': f => `${f.by} took back the name ${f.name} that ${f.client} had been given${because(f)}`,
  'alias-set': f => `${f.by} made ${f.name} an alias of ${f.other}${because(f)}`,
  'alias-taken-back': f => `${f.by} took back that ${f.name} is an alias of ${f.other}${because(f)}`,
  'release-asked': f => `${f.by} released what stayed of ${f.name}${because(f)}`,
  'give-back-asked': f => `${f.by} gave ${f.name} back to Leasehold${because(f)}`,
  'restore-asked': f => `${f.by} brought ${f.name} back${because(f)}`,
} as const satisfies Record<string, Sentence>

/** What else the explanation of a name says. */
const EXPLAINED = {
  'asks-for-name': f => `${f.client} holds ${f.address} by a lease, and asks for the name ${f.name}.`,
  'asked-for-name': f => `${f.client} held ${f.address} as ${f.name}; that lease is over (${f.detail}) since ${f.due}.`,
  'has-name': f => `Several machines ask for ${f.name}; ${f.client} has it, with ${f.address}.`,
  'in-dns': f => `DNS holds ${f.detail} at ${f.name}, as Leasehold wrote it.`,
  'leaving-dns': f => `DNS holds ${f.detail} at ${f.name} still, and is to lose it.`,
  'awaits-dns': f => `DNS is to get ${f.detail} at ${f.name}, and has not confirmed it yet.`,
  'server-says': f => `The DNS server says of ${f.other} at ${f.name}: ${stopped(f.detail)}`,
  'pointed-at': f => `${f.other} points to ${f.name}, so it is kept as infrastructure is when its lease ends.`,
} as const satisfies Record<string, Sentence>

/** The rules by what they explain. An id stands in one group only. */
export const RULE_GROUPS = { WANTED, UNWANTED, SKIPPED, IGNORED, STOPPED, FOUND, MEANT, EXPLAINED } as const

const SENTENCES = {
  ...WANTED,
  ...UNWANTED,
  ...SKIPPED,
  ...IGNORED,
  ...STOPPED,
  ...FOUND,
  ...MEANT,
  ...EXPLAINED,
} as const

export type WantedRule = keyof typeof WANTED
export type UnwantedRule = keyof typeof UNWANTED
export type SkipRule = keyof typeof SKIPPED
export type IgnoredRule = keyof typeof IGNORED
export type MeantRule = keyof typeof MEANT
export type Rule = keyof typeof SENTENCES

/** The ids of all rules. */
export const RULES: ReadonlySet<string> = new Set(Object.keys(SENTENCES))

/** The sentence of a rule for these facts. */
export const reasonOf = (rule: Rule, facts: Facts): string => SENTENCES[rule](facts)
