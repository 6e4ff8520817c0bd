/* What happens to aliases and to the names that they lead to, step by step, and what DNS has in the end. */
import type { ZoneUpdate } from '../../../../lib/dns/zone/zone.ts'
import { event } from '../../site.ts'
import type { World } from '../../world.ts'

export const [A, B] = ['192.0.2.1', '192.0.2.2']

export const V6 = '2001:db8::1'

export const fqdn = (label: string): string => `${label}.lab.example`

export const WWW = fqdn('www')

const cname = (label: string, target: string): string => `${fqdn(label)} CNAME ${fqdn(target)}`

export const on = (address: string, hostname: string, client = '0a', cltt = 1000) =>
  event({ kind: 'committed', address, hostname, client, cltt })

export const off = (address: string, client = '0a', cltt = 1000) => event({ kind: 'released', address, client, cltt })

const add = (type: 'A' | 'TXT' | 'CNAME', value: string, name = WWW): ZoneUpdate => ({
  do: 'add',
  rr: { name, type, ttl: 60, value },
})

const drop = (type: 'A' | 'TXT' | 'CNAME', name = WWW): ZoneUpdate => ({ do: 'delete-rrset', name, type })

/** What happens to the names, in order; DNS is brought up to date after each. */
type Step =
  | { hear: Parameters<World['hear']> }
  | { alias: string; of: string | null }
  | { hand: ZoneUpdate[] }
  | { run: true }

export const alias = (label: string, target: string | null): Step => ({
  alias: fqdn(label),
  of: target && fqdn(target),
})

export const hear = (...events: Parameters<World['hear']>): Step => ({ hear: events })

const hand = (...updates: ZoneUpdate[]): Step => ({ hand: updates })

const run: Step = { run: true }

export const play = (world: World, steps: readonly Step[]): World => {
  for (const step of steps) {
    if ('hear' in step) world.hear(...step.hear)
    else if ('alias' in step) world.alias(step.alias, step.of)
    else if ('hand' in step) world.byHand(step.hand)
    else world.run()
    world.publish()
  }
  return world
}

/** What is at the names that are no pointers. */
export const names = (world: World): string[] => world.dns().filter(line => !line.includes('.arpa '))

/** `dns` as sorted lines; `records` as phase and rule of the CNAME of www, by its target. */
export const CASES: { case: string; steps: Step[]; dns: string[]; records?: Record<string, string>; scope?: object }[] =
  [
    {
      case: 'an alias of a name that is there is published',
      steps: [hear(on(A, 'db')), alias('www', 'db')],
      dns: [`${fqdn('db')} A ${A}`, cname('www', 'db')],
      records: { db: 'published alias' },
    },
    {
      case: 'an alias of a name that is not known waits for it',
      steps: [alias('www', 'db')],
      dns: [],
    },
    {
      case: 'and is published when it comes',
      steps: [alias('www', 'db'), hear(on(A, 'db'))],
      dns: [`${fqdn('db')} A ${A}`, cname('www', 'db')],
    },
    {
      case: 'its target goes, so it goes',
      steps: [hear(on(A, 'db')), alias('www', 'db'), hear(off(A))],
      dns: [],
      records: { db: 'removed alias-target-gone' },
    },
    {
      case: 'its target is back, so it is back',
      steps: [hear(on(A, 'db')), alias('www', 'db'), hear(off(A)), hear(on(B, 'db', '0a', 2000))],
      dns: [`${fqdn('db')} A ${B}`, cname('www', 'db')],
      records: { db: 'published alias' },
    },
    {
      case: 'its target moves: it stays',
      steps: [
        hear(on(A, 'db')),
        alias('www', 'db'),
        hear(event({ kind: 'moved', address: A, client: '0a', cltt: 1000 }), on(B, 'db', '0a', 2000)),
      ],
      dns: [`${fqdn('db')} A ${B}`, cname('www', 'db')],
    },
    {
      case: 'its target is retained: it stays',
      scope: { retainOnRelease: true },
      steps: [hear(on(A, 'db')), alias('www', 'db'), hear(off(A))],
      dns: [`${fqdn('db')} A ${A}`, cname('www', 'db')],
    },
    {
      case: 'a target of v6 alone',
      steps: [hear(on(V6, 'db')), alias('www', 'db')],
      dns: [`${fqdn('db')} AAAA ${V6}`, cname('www', 'db')],
    },
    {
      case: 'one family of its target goes: it stays',
      steps: [hear(on(A, 'db'), on(V6, 'db')), alias('www', 'db'), hear(off(A))],
      dns: [`${fqdn('db')} AAAA ${V6}`, cname('www', 'db')],
    },
    {
      case: 'another target takes the place of the first',
      steps: [hear(on(A, 'db'), on(B, 'pc', '0b')), alias('www', 'db'), alias('www', 'pc')],
      dns: [`${fqdn('db')} A ${A}`, `${fqdn('pc')} A ${B}`, cname('www', 'pc')],
      records: { db: 'removed alias-changed', pc: 'published alias' },
    },
    {
      case: 'another target that is not there: it goes until then',
      steps: [hear(on(A, 'db')), alias('www', 'db'), alias('www', 'pc')],
      dns: [`${fqdn('db')} A ${A}`],
      records: { db: 'removed alias-changed' },
    },
    {
      case: 'an alias that is taken back goes',
      steps: [hear(on(A, 'db')), alias('www', 'db'), alias('www', null)],
      dns: [`${fqdn('db')} A ${A}`],
      records: { db: 'removed alias-removed' },
    },
    {
      case: 'an alias of an alias follows it, there',
      steps: [alias('web', 'www'), alias('www', 'db'), hear(on(A, 'db'))],
      dns: [`${fqdn('db')} A ${A}`, cname('web', 'www'), cname('www', 'db')],
    },
    {
      case: 'and back',
      steps: [alias('web', 'www'), alias('www', 'db'), hear(on(A, 'db')), hear(off(A))],
      dns: [],
    },
    {
      case: 'a person has the name: nothing is written',
      steps: [hand(add('A', '192.0.2.9')), hear(on(A, 'db')), alias('www', 'db')],
      dns: [`${fqdn('db')} A ${A}`, `${WWW} A 192.0.2.9`],
      records: { db: 'conflict name-in-use' },
    },
    {
      case: 'a person has only a TXT there: nothing may stand beside an alias',
      steps: [hand(add('TXT', 'note')), hear(on(A, 'db')), alias('www', 'db')],
      dns: [`${fqdn('db')} A ${A}`, `${WWW} TXT note`],
      records: { db: 'conflict name-in-use' },
    },
    {
      case: 'the very same CNAME is there already: it is not ours',
      steps: [hand(add('CNAME', fqdn('db'))), hear(on(A, 'db')), alias('www', 'db')],
      dns: [`${fqdn('db')} A ${A}`, cname('www', 'db')],
      records: { db: 'conflict name-in-use' },
    },
    {
      case: 'and is not taken away with its target',
      steps: [hand(add('CNAME', fqdn('db'))), hear(on(A, 'db')), alias('www', 'db'), hear(off(A))],
      dns: [cname('www', 'db')],
    },
    {
      case: 'the person lets the name go: a run publishes it',
      steps: [hand(add('A', '192.0.2.9')), hear(on(A, 'db')), alias('www', 'db'), hand(drop('A')), run],
      dns: [`${fqdn('db')} A ${A}`, cname('www', 'db')],
      records: { db: 'published alias' },
    },
    {
      case: 'a person changes the CNAME: it is let go',
      steps: [hear(on(A, 'db')), alias('www', 'db'), hand(drop('CNAME'), add('CNAME', fqdn('pc'))), run],
      dns: [`${fqdn('db')} A ${A}`, cname('www', 'pc')],
      records: { db: 'protected changed-by-hand' },
    },
    {
      case: 'and stays theirs, whatever becomes of the target and the alias',
      steps: [
        hear(on(A, 'db')),
        alias('www', 'db'),
        hand(drop('CNAME'), add('CNAME', fqdn('pc'))),
        hear(off(A)),
        hear(on(A, 'db', '0a', 2000)),
        alias('www', null),
        alias('www', 'db'),
        run,
      ],
      dns: [`${fqdn('db')} A ${A}`, cname('www', 'pc')],
      records: { db: 'conflict name-in-use' },
    },
    {
      case: 'a person puts an A in its place: it is let go',
      steps: [hear(on(A, 'db')), alias('www', 'db'), hand(drop('CNAME'), add('A', '192.0.2.9')), hear(off(A))],
      dns: [`${WWW} A 192.0.2.9`],
      records: { db: 'protected changed-by-hand' },
    },
    {
      case: 'a person deletes the CNAME: it is published again',
      steps: [hear(on(A, 'db')), alias('www', 'db'), hand(drop('CNAME')), run],
      dns: [`${fqdn('db')} A ${A}`, cname('www', 'db')],
    },
    {
      case: 'a person makes the CNAME that we took away: it is theirs',
      steps: [
        hear(on(A, 'db')),
        alias('www', 'db'),
        alias('www', null),
        hand(add('CNAME', fqdn('db'))),
        alias('www', 'db'),
      ],
      dns: [`${fqdn('db')} A ${A}`, cname('www', 'db')],
      records: { db: 'conflict name-in-use' },
    },
    {
      case: 'the target is a person’s: nothing leads there',
      steps: [hand(add('A', '192.0.2.9', fqdn('db'))), alias('www', 'db'), hear(on(A, 'db'))],
      dns: [`${fqdn('db')} A 192.0.2.9`],
      records: { db: 'removed alias-target-gone' },
    },
    {
      case: 'a lease asks for the name of an alias, and does not get it',
      steps: [hear(on(A, 'db')), alias('www', 'db'), hear(on(B, 'www', '0b'))],
      dns: [`${fqdn('db')} A ${A}`, cname('www', 'db')],
    },
    {
      case: 'nor of one whose target is not there',
      steps: [alias('www', 'db'), hear(on(B, 'www', '0b'))],
      dns: [],
    },
    {
      case: 'it gets it once the alias is taken back',
      steps: [hear(on(A, 'db')), alias('www', 'db'), hear(on(B, 'www', '0b')), alias('www', null)],
      dns: [`${fqdn('db')} A ${A}`, `${WWW} A ${B}`],
    },
    {
      case: 'a name that was kept of a lease that is over becomes an alias',
      scope: { retainOnRelease: true },
      steps: [hear(on(A, 'db'), on(B, 'www', '0b')), hear(off(B, '0b')), alias('www', 'db')],
      dns: [`${fqdn('db')} A ${A}`, cname('www', 'db')],
      records: { db: 'published alias' },
    },
    {
      case: 'what a person has beside that name keeps it from becoming one',
      scope: { retainOnRelease: true },
      steps: [hear(on(A, 'db'), on(B, 'www', '0b')), hand(add('TXT', 'note')), hear(off(B, '0b')), alias('www', 'db')],
      dns: [`${fqdn('db')} A ${A}`, `${WWW} TXT note`],
      records: { db: 'conflict name-in-use' },
    },
    {
      case: 'at the apex of a zone no alias can be',
      steps: [hear(on(A, 'db')), { alias: 'lab.example', of: fqdn('db') }],
      dns: [`${fqdn('db')} A ${A}`],
    },
  ]
