/**
 * Every rule by which something is decided, with the sentence that tells a person. The ids are stable: they stand in
 * answers, metrics and the audit log.
 */
export interface Facts {
  name?: string | null
  address?: string
  client?: string
  other?: string
  due?: string
  detail?: string
}

type Sentence = (facts: Facts) => string

/** Why a record is wanted. */
export const WANTED = {
  'lease-active': f => `${f.client} holds ${f.address}. It stays while the lease is renewed.`,
  'retained-on-expiry': f =>
    `The lease of ${f.address} expired, and the scope retains names on expiry. It stays until the address goes to another client.`,
  'retained-on-release': f =>
    `The lease of ${f.address} was given back, and the scope retains names on release. It stays until the address goes to another client.`,
  'grace-on-expiry': f =>
    `The lease of ${f.address} expired. It goes at ${f.due} unless ${f.client} comes back before.`,
  'grace-on-release': f =>
    `The lease of ${f.address} was given back. It goes at ${f.due} unless ${f.client} comes back before.`,
} as const satisfies Record<string, Sentence>

/** Why a record is not, or no longer, wanted. */
export const UNWANTED = {
  expired: f => `The lease of ${f.address} expired, and the scope does not retain names on expiry.`,
  released: f => `${f.client} gave ${f.address} back, and the scope does not retain names on release.`,
  deleted: f => `The lease of ${f.address} was deleted in Kea, and the scope does not retain names on release.`,
  declined: f => `${f.address} was declined: another machine is using it.`,
  recovered: f => `${f.address} had been declined.`,
  moved: f => `${f.client} moved from ${f.address} to another address.`,
  renamed: f => `The lease of ${f.address} now has another name${f.other ? `: ${f.other}` : ''}.`,
  reassigned: f => `${f.address} now belongs to another client${f.other ? `, ${f.other}` : ''}.`,
  superseded: f => `The same machine has this name at a newer lease, ${f.other}.`,
  'name-taken': f => `The name belongs to another client, ${f.other}. ${f.address} gets it when that one lets it go.`,
  'forward-conflict': f => `${f.name} is somebody else's in DNS, so no PTR may point at it.`,
  'never-committed': f => `No lease of ${f.address} was ever seen to begin.`,
} as const satisfies Record<string, Sentence>

/** Why nothing was decided. */
export const SKIPPED = {
  unchanged: f => `${f.name} already is what the lease of ${f.address} wants; nothing to do.`,
  hint: f => `A renewal in progress proves nothing about ${f.address}; the committed event will.`,
  stale: f => `Something newer is already known of ${f.address}, so this event changes nothing.`,
  duplicate: f => `This was already known of ${f.address}.`,
  nobody: f => `The event names no client for ${f.address}.`,
  'out-of-scope': f => `${f.address} is in no scope.`,
  'prefix-delegation': f => `${f.address} is a delegated prefix, which is never published.`,
  'no-name': f => `The lease of ${f.address} has no host name that could be published.`,
  'name-denied': f => `The lease of ${f.address} asks for a name that the scope denies to DHCP clients.`,
  'no-zone': f => `No zone of the scope's backend holds ${f.name}.`,
  undecided: f => `The event of ${f.address} could not be decided on, so nothing was changed for it. The log says why.`,
  'not-ours': f => `Nothing is published for ${f.address}.`,
} as const satisfies Record<string, Sentence>

/** What a look into DNS found. */
export const FOUND = {
  'missing-in-dns': f =>
    `DNS no longer holds ${f.name}, though Leasehold published it and nobody else has the name; it is published again.`,
  'free-again': f => `${f.name} is no longer somebody else's in DNS, so it is published again.`,
  'taken-up': f => `${f.name} had ${f.other} under this client's own marker, so it is replaced.`,
} as const satisfies Record<string, Sentence>

export type WantedRule = keyof typeof WANTED
export type UnwantedRule = keyof typeof UNWANTED
export type SkipRule = keyof typeof SKIPPED

/** Why a request teaches nothing. */
export const IGNORED = {
  'ncr-duplicate': 'This was already known of the lease.',
  'ncr-older': 'Something newer is already known of the lease.',
  'ncr-overtaken': 'A later request of the same batch tells what became of the address.',
  'ncr-unknown': 'No lease of the address is known that could end.',
  'ncr-other': 'The address is held by another client, or under another name than the one that goes.',
} as const
export type IgnoredRule = keyof typeof IGNORED
