import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Attempt, Change, FoundRR, Prerequisite } from '../../../lib/dns/rr.ts'
import { addressOf, dhcidOf, nameOf, publish, range, ZONE } from '../../server/backends/rfc2136/publish-changes.ts'
import { until } from '../running.ts'
import { RESERVED, REVERSE, SHUT, WILDCARD_ADDRESS } from '../servers/update-servers.ts'
import {
  add,
  apply,
  drop,
  free,
  is,
  MADE,
  many,
  one,
  publishAt,
  publishedAt,
  read,
  type Stage,
  texts,
} from './contract-stage.ts'

/** The cases, in the words of what is to be true; each has names of its own. */
export const CASES: Record<string, (t: Test, stage: Stage) => Promise<void>> = {
  'a free name is published with its DHCID, and both are read': async (t, { backend, shows }) => {
    t.same(await one(backend, ZONE, nameOf(1), publish(1).attempts[0]!), MADE)
    await shows(t, nameOf(1), [`A ${addressOf(1)}`, `DHCID ${dhcidOf(1)}`])
    t.same(await one(backend, ZONE, nameOf(1), ...publish(1).attempts), { kind: 'applied', attempt: 1 }, 'adopted')
  },

  'exactly ours is replaced': async (t, { kind, backend, shows }) => {
    const name = `moves.${ZONE}`
    t.same(await one(backend, ZONE, name, { prerequisites: [free(name)], updates: [add(name, 'A', '10.0.0.1')] }), MADE)
    const move = {
      prerequisites: [is(name, 'A', '10.0.0.1')],
      updates: [drop(name, 'A', '10.0.0.1'), add(name, 'A', '10.0.0.2')],
    }
    t.same(await one(backend, ZONE, name, move), MADE)
    await shows(t, name, ['A 10.0.0.2'])
    t.match(await one(backend, ZONE, name, move), { kind: 'conflict', alone: true, detail: kind.says.differs })
    await shows(t, name, ['A 10.0.0.2'])
  },

  "exactly ours is deleted, and a neighbour's RRs stay": async (t, { kind, backend, shows }) => {
    const name = `shared.${ZONE}`
    const [type, value] = kind.neighbour ?? ['TXT', 'a person’s']
    const all = [add(name, 'A', '10.0.0.1'), add(name, 'A', '10.0.0.2'), add(name, type, value)]
    t.same(await one(backend, ZONE, name, { prerequisites: [free(name)], updates: all }), MADE)
    const leave = {
      prerequisites: [is(name, 'A', '10.0.0.2', '10.0.0.1')],
      updates: [drop(name, 'A', '10.0.0.1')],
    }
    t.same(await one(backend, ZONE, name, leave), MADE)
    await shows(t, name, ['A 10.0.0.2', `${type} ${value}`])
    t.same(
      await one(backend, ZONE, name, {
        prerequisites: [is(name, 'A', '10.0.0.2')],
        updates: [drop(name, 'A', '10.0.0.2'), drop(name, type, value)],
      }),
      MADE,
    )
    t.same(await one(backend, ZONE, name, { prerequisites: [free(name)], updates: [] }), MADE, 'the name is free')
  },

  'a prerequisite that does not hold refuses, alone and among others': async (t, { kind, backend, shows }) => {
    const name = `person.${ZONE}`
    const take = { prerequisites: [free(name)], updates: [add(name, 'A', '10.0.0.1')] }
    const absent: Attempt = { prerequisites: [{ must: 'rrset-absent', name, type: 'A' }], updates: take.updates }
    const refused = await one(backend, ZONE, name, take, absent)
    t.match(refused, { kind: 'conflict', alone: true, detail: kind.says.inUse })
    t.match(refused, { detail: kind.says.isThere })
    const { all } = await apply(backend, [
      publishAt(backend)(10),
      { name, zone: ZONE, attempts: [take] },
      publishAt(backend)(11),
    ])
    for (const [of, outcome] of all) {
      if (kind.together || of === name) t.match(outcome, { kind: 'conflict', alone: !kind.together }, of)
      else t.same(outcome, MADE, of)
    }
    await shows(t, name, ['A 192.0.2.99'])
    await shows(t, nameOf(10), kind.together ? [] : publishedAt(backend, 10))
  },

  'a PTR is added, replaced and deleted': async (t, { backend, shows }) => {
    const name = `7.0.0.${REVERSE}`
    const absent: Prerequisite = { must: 'rrset-absent', name, type: 'PTR' }
    const first = { prerequisites: [absent], updates: [add(name, 'PTR', nameOf(1))] }
    t.same(await one(backend, REVERSE, name, first), MADE)
    const second = {
      prerequisites: [is(name, 'PTR', nameOf(1))],
      updates: [drop(name, 'PTR', nameOf(1)), add(name, 'PTR', nameOf(2)), add(name, 'DHCID', dhcidOf(2))],
    }
    t.same(await one(backend, REVERSE, name, first, second), { kind: 'applied', attempt: 1 })
    await shows(t, name, [`DHCID ${dhcidOf(2)}`, `PTR ${nameOf(2)}`], REVERSE)
    t.same(
      await one(backend, REVERSE, name, {
        prerequisites: [is(name, 'PTR', nameOf(2))],
        updates: [drop(name, 'PTR', nameOf(2)), drop(name, 'DHCID', dhcidOf(2))],
      }),
      MADE,
    )
    await shows(t, name, [], REVERSE)
  },

  'a zone is read alike with AXFR and without': async (t, { kind, backend }) => {
    for (const zone of [ZONE, SHUT]) {
      const names = ['person', 'mail', 'gone'].map(label => `${label}.${zone}`) as [string, string, string]
      const reading = await read(backend, zone, many(zone, ...names))
      t.same(texts(reading.rrs.get(names[0])), ['A 192.0.2.99'], zone)
      t.match(texts(reading.rrs.get(names[1])).join(), /^MX [^,]*$/, zone)
      t.equal(reading.rrs.size, 2, zone)
      t.equal(reading.unread.size, 0, zone)
      if (kind.hasSerial === false) t.equal(reading.serial, null)
      else t.ok(reading.serial, zone)
      t.equal(reading.isOldCopy, false, zone)
    }
  },

  'a survey hears of each RR of a zone once, and of none where the zone is as it was': async (t, { kind, backend }) => {
    const survey = async (since: number | null, names: string[]) => {
      const rrs: FoundRR[] = []
      let begun = 0
      const begin = () => {
        begun++
        rrs.length = 0
        return (rr: FoundRR) => void rrs.push(rr)
      }
      const reading = await backend.read(ZONE, names, undefined, { since, begin })
      if (!reading.known) throw new Error(reading.detail)
      return { reading, begun, rrs }
    }
    const person = `person.${ZONE}`
    for (const names of [[person], many(ZONE, person)]) {
      const { reading, rrs } = await survey(null, names)
      t.equal(reading.survey, 'made')
      t.same(texts(reading.rrs.get(person)), ['A 192.0.2.99'])
      // Of other types no survey makes use, so they have no value.
      const said = rrs.filter(({ value }) => value !== '').map(({ name, type, value }) => `${name} ${type} ${value}`)
      t.ok(said.includes(`${person} A 192.0.2.99`))
      if (kind.neighbour === undefined) t.ok(said.some(text => text.startsWith(`mail.${ZONE} MX 10 ns1`)))
      t.notOk(said.some(text => text.includes(SHUT)))
      t.equal(new Set(said).size, said.length, 'each once')
    }
    if (kind.hasSerial === false) return
    const isAsItWas = async () => {
      const { serial } = await read(backend, ZONE, [person])
      const { reading, begun } = await survey(serial, [person])
      return reading.survey === 'unchanged' && begun === 0
    }
    await until(isAsItWas, 'a zone that nobody writes is as it was')
  },

  'what a wildcard answers is absence': async (t, { backend, shows }) => {
    for (const zone of [ZONE, SHUT]) {
      for (const [label, rr] of [
        ['wild', `A ${WILDCARD_ADDRESS}`],
        ['alias', `CNAME ns1.${zone}`],
      ] as const) {
        const [lost, real] = [`lost.${label}.${zone}`, `real.${label}.${zone}`]
        for (const names of [[lost, real], many(zone, lost, real)]) {
          const reading = await read(backend, zone, names)
          t.equal(reading.unread.size, 0, `${label} ${zone}`)
          t.notOk(reading.rrs.has(lost), `${lost} of ${names.length}`)
          t.same(texts(reading.rrs.get(real)), [rr], `${real} of ${names.length}`)
        }
      }
    }
    const name = `1.0.9.${REVERSE}`
    await shows(t, name, [], REVERSE)
    t.same(await one(backend, REVERSE, name, { prerequisites: [free(name)], updates: [] }), MADE)
  },

  'a name below a cut is told from the others': async (t, { backend }) => {
    for (const zone of [ZONE, SHUT]) {
      const below = ['sub', 'h1.sub', 'ns.sub'].map(label => `${label}.${zone}`)
      for (const names of [[...below, `person.${zone}`], many(zone, ...below, `person.${zone}`)]) {
        const reading = await read(backend, zone, names)
        t.same([...reading.belowCut].sort(), [...below].sort(), `${names.length} of ${zone}`)
        t.same([...reading.rrs.keys()], [`person.${zone}`])
        t.equal(reading.unread.size, 0)
      }
    }
  },

  'a zone that the server does not have': async (t, { kind, backend }) => {
    for (const count of [1, 100]) {
      const { all } = await apply(backend, range(count).map(publishAt(backend)), 'nowhere.example')
      t.equal(all.size, count)
      for (const outcome of all.values()) t.match(outcome, kind.noZone)
    }
    t.match(await backend.read('nowhere.example', ['a.nowhere.example']), { known: false })
    t.match(await backend.read('nowhere.example', many('nowhere.example')), { known: false })
  },

  'a wrong secret, or a key that is not known': async (t, { kind, server, shows }) => {
    for (const [what, backend] of server.wrong(t)) {
      for (const count of [1, 100]) {
        const { all } = await apply(backend, range(count, 500).map(publish))
        t.equal(all.size, count)
        for (const outcome of all.values()) t.match(outcome, kind.wrongKey!, what)
      }
      t.match(await backend.read(ZONE, [nameOf(500)]), { known: false, detail: kind.says.wrongKey }, what)
      t.match(await backend.read(ZONE, many(ZONE)), { known: false, detail: kind.says.wrongKey }, what)
    }
    await shows(t, nameOf(500), [])
  },

  'a reserved name is refused for itself': async (t, { backend, shows }) => {
    const reserved: Change = {
      name: RESERVED,
      zone: ZONE,
      attempts: [{ prerequisites: [free(RESERVED)], updates: [add(RESERVED, 'CNAME', nameOf(1))] }],
    }
    t.match((await apply(backend, [reserved])).all.get(RESERVED), { kind: 'refused', fault: 'change' })
    const { all, count } = await apply(backend, [reserved, ...range(50, 3000).map(publish)])
    t.same(count(), { 'applied 0': 50, refused: 1 })
    t.match(all.get(RESERVED), { kind: 'refused', fault: 'change' })
    await shows(t, RESERVED, [])
  },

  '200 names go in one call': async (t, { backend, shows }) => {
    t.same((await apply(backend, range(200, 1000).map(publishAt(backend)))).count(), { 'applied 0': 200 })
    await shows(t, nameOf(1199), publishedAt(backend, 1199))
    const names = range(200, 1000).map(nameOf)
    const reading = await read(backend, ZONE, names)
    t.equal(reading.rrs.size, 200)
    t.same(texts(reading.rrs.get(nameOf(1199))), publishedAt(backend, 1199))
  },

  'the serial is seen soon after an update': async (t, { server }) => {
    const backend = server.open(t)
    const before = (await read(backend, ZONE, [nameOf(2000)])).serial!
    for (let i = 2000; backend.serials.get(ZONE) === before; i++) {
      t.same((await apply(backend, [publish(i)])).count(), { 'applied 0': 1 })
      await sleep(500)
    }
    const after = await read(backend, ZONE, [nameOf(2000)])
    t.ok(after.serial! > before)
    t.equal(after.isOldCopy, false)
  },
}
