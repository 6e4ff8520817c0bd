/*
 * Every event that the log tells of, by its stable id: the field `event` of a line.
 *
 * Whoever reads the log by a program matches these ids, never the sentences. So an id is never given another meaning. The
 * table in docs/log.md is this one, and a test compares them.
 */

export type LogLevel = 'info' | 'warn' | 'error'

interface EventMeaning {
  level: LogLevel
  /** What happened, as a sentence for a person. */
  means: string
}

export const EVENTS = {
  'leasehold.ready': { level: 'info', means: 'The program has started; the line says where it listens.' },
  'dns.published': { level: 'info', means: 'DNS confirmed a record that it did not hold before.' },
  'dns.replaced': { level: 'info', means: 'DNS confirmed a record in the place of another; `was` is the old value.' },
  'dns.changed': { level: 'info', means: 'DNS confirmed another TTL or marker of a record that stays.' },
  'dns.removed': { level: 'info', means: 'DNS confirmed that a record is gone.' },
  'dns.adopted': {
    level: 'info',
    means: "A record that was in DNS under this client's own marker is Leasehold's from now on.",
  },
  'dns.free-again': { level: 'info', means: 'A name is no longer in conflict, so it is published again.' },
  'dns.undone': {
    level: 'warn',
    means: 'Somebody else took a record of Leasehold out of DNS; it is published again.',
  },
  'dns.conflict': { level: 'warn', means: "The name is somebody else's in DNS, so nothing was written there." },
  'dns.let-go': { level: 'warn', means: 'A person changed a record in DNS, so Leasehold leaves it alone.' },
  'dns.refused': { level: 'warn', means: 'The DNS server refused this one change; it is tried again.' },
  'dns.unanswered': { level: 'warn', means: 'This one change got no clear answer; it is tried again.' },
  'name.conflict': {
    level: 'warn',
    means: 'Two clients ask for one name; the line is of the one that does not get it.',
  },
  'lease.skipped': { level: 'info', means: 'A lease gets no name in DNS; the rule and the reason say why.' },
  'intent.meant': {
    level: 'info',
    means: 'A person said what is to be kept, given or let go, or the time of a pin is over.',
  },
  'server.refused': { level: 'warn', means: 'A DNS server refuses all updates of a zone: key, ACL or zone.' },
  'server.silent': { level: 'warn', means: 'A DNS server does not answer updates of a zone.' },
  'server.answers': { level: 'info', means: 'A DNS server takes updates of a zone again.' },
  'server.forgot': {
    level: 'info',
    means: 'A DNS server had forgotten what it was told, as at a reload; what was published is there again.',
  },
  'kea.answers': { level: 'info', means: 'A service of Kea answers, for the first time or again.' },
  'kea.silent': { level: 'warn', means: 'A service of Kea does not answer, or not as it should.' },
  'kea.state': { level: 'info', means: 'A Kea of an HA pair is in another state.' },
  'source.doubted': { level: 'warn', means: 'A lease file cannot be read, or not all of it is understood.' },
  'run.ended': {
    level: 'info',
    means: 'Leasehold compared all with Kea and with DNS; the line says what it found, in numbers.',
  },
  'run.failed': {
    level: 'error',
    means: 'Kea or DNS did not tell all, so nothing was concluded from what is absent; the line says why.',
  },
  'policy.changed': {
    level: 'info',
    means: 'A person changed the policy of a scope by the API; the line says who, which fields, and to what.',
  },
  'finding.opened': {
    level: 'warn',
    means: 'Something is not as it should be; the line has the reason and the remedy.',
  },
  'finding.gone': { level: 'info', means: 'The cause of a finding is gone.' },
} as const satisfies Record<string, EventMeaning>

export type LogEvent = keyof typeof EVENTS
