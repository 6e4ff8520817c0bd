import t, { type Test } from 'tap'
import type { Attempt, Outcome, Prerequisite, RRType, Update } from '../../../../lib/dns/rr.ts'
import type { Backend } from '../../../../server/backends/backend.ts'
import { openTechnitium } from '../../../../server/backends/technitium/technitium.ts'
import { FakeTechnitium, startFakeTechnitium } from './fake-technitium.ts'

const ZONE = 'lab.example.net'
const REVERSE = '10.in-addr.arpa'
const RED = `red.${ZONE}`
const PTR = `1.0.0.${REVERSE}`
const NOTE = "a person's note"

const is = (name: string, type: RRType, ...values: string[]): Prerequisite => ({
  must: 'rrset-equals',
  name,
  type,
  values,
})
const free = (name: string): Prerequisite => ({ must: 'name-not-in-use', name })
const add = (name: string, type: RRType, value: string, ttl = 300): Update => ({
  do: 'add',
  rr: { name, type, ttl, value },
})
const drop = (name: string, type: RRType, value: string): Update => ({ do: 'delete-rr', name, type, value })

const stage = async (t: Test, { version = 15, timeout = 2000 } = {}) => {
  const fake = new FakeTechnitium(version)
  for (const zone of [ZONE, REVERSE]) fake.zone(zone)
  const { url, close } = await startFakeTechnitium(fake)
  const log = { info: () => {}, warn: () => {}, error: () => {} }
  const entry = { name: 't', kind: 'technitium' as const, formerly: [], marker: 'dhcid' as const, timeout, url }
  const open = (token = fake.token) => openTechnitium({ ...entry, token }, { log })
  const backend = open()
  t.teardown(async () => {
    await backend.close()
    await close()
  })
  return { fake, backend, open }
}

const one = async (
  backend: Backend,
  name: string,
  updates: Update[],
  prerequisites: Prerequisite[] = [],
): Promise<Outcome> => {
  const attempt: Attempt = { prerequisites, updates }
  const zone = name.endsWith(REVERSE) ? REVERSE : ZONE
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const change = { name, zone, attempts: [attempt], comment: 'leasehold: dynamic, scope office: why' }
  await backend.apply(zone, [change], (_, outcome) => resolve(outcome))
  return promise
}

const MADE = { kind: 'applied', attempt: 0 }

for (const version of [13.4, 13.6, 14, 15]) {
  t.test(`version ${version}: an address comes, moves and goes; each call is one record, in its order`, async t => {
    const { fake, backend } = await stage(t, { version })
    t.same(await one(backend, RED, [add(RED, 'A', '10.0.0.1'), add(RED, 'DHCID', 'aabb')], [free(RED)]), MADE)
    t.same(fake.at(RED), ['A 10.0.0.1', 'DHCID AABB'])
    const move = [drop(RED, 'A', '10.0.0.1'), add(RED, 'A', '10.0.0.2')]
    t.same(await one(backend, RED, move, [is(RED, 'DHCID', 'aabb'), is(RED, 'A', '10.0.0.1')]), MADE)
    t.same(fake.at(RED), ['A 10.0.0.2', 'DHCID AABB'])
    const leave = [drop(RED, 'A', '10.0.0.2'), drop(RED, 'DHCID', 'aabb')]
    t.same(await one(backend, RED, leave, [is(RED, 'A', '10.0.0.2')]), MADE)
    t.same(fake.at(RED), [])
    const writes = fake.calls.filter(({ path }) => !path.endsWith('/get'))
    t.same(
      writes.map(({ path, parameters }) => `${path.split('/').at(-1)} ${parameters.type}`),
      ['add A', 'add DHCID', 'update A', 'delete A', 'delete DHCID'],
    )
    t.same(
      [...new Set(writes.flatMap(({ parameters }) => Object.keys(parameters)))].filter(key =>
        ['ptr', 'createPtrZone', 'expiryTtl', 'overwrite'].includes(key),
      ),
      [],
      'nothing that takes more along is ever asked for',
    )
  })
}

t.test('the comment carries origin and reason, on what is added and on what is changed', async t => {
  const { fake, backend } = await stage(t)
  await one(backend, RED, [add(RED, 'A', '10.0.0.1')])
  await one(backend, RED, [drop(RED, 'A', '10.0.0.1'), add(RED, 'A', '10.0.0.2')])
  t.match(fake.zone(ZONE).records, [{ value: '10.0.0.2', comments: /^leasehold: dynamic, scope office/ }])
})

t.test('a PTR that an address would take along stays, with what a person wrote beside it', async t => {
  for (const disabled of [false, true]) {
    const { fake, backend } = await stage(t)
    fake.put(RED, 'A', '10.0.0.1')
    fake.put(PTR, 'PTR', RED, { ttl: 60, comments: NOTE, disabled })
    fake.put(PTR, 'PTR', `other.${ZONE}`)
    t.same(await one(backend, RED, [drop(RED, 'A', '10.0.0.1')], [is(RED, 'A', '10.0.0.1')]), MADE)
    t.same(fake.at(RED), [])
    const [, kept] = fake.zone(REVERSE).records
    t.match(kept, { value: RED, ttl: 60, comments: NOTE, disabled })
    t.equal(fake.zone(REVERSE).records.length, 2)
  }
})

t.test('an address whose reverse zone is elsewhere just goes', async t => {
  const { fake, backend } = await stage(t)
  fake.put(RED, 'A', '192.0.2.1')
  t.same(await one(backend, RED, [drop(RED, 'A', '192.0.2.1')]), MADE)
  t.same(fake.at(RED), [])
})

t.test('beside what a person commented or switched off, the TTL of the set stays, and so does that', async t => {
  for (const theirs of [{ comments: NOTE }, { disabled: true }]) {
    const { fake, backend } = await stage(t)
    fake.put(RED, 'A', '10.0.0.9', { ttl: 60, ...theirs })
    t.same(await one(backend, RED, [add(RED, 'A', '10.0.0.1')]), MADE)
    t.match(fake.zone(ZONE).records, [
      { value: '10.0.0.9', ttl: 60, ...theirs },
      { value: '10.0.0.1', ttl: 60 },
    ])
    t.same(await one(backend, RED, [drop(RED, 'A', '10.0.0.1'), add(RED, 'A', '10.0.0.2')]), MADE)
    t.match(fake.zone(ZONE).records, [
      { value: '10.0.0.9', ttl: 60, ...theirs },
      { value: '10.0.0.2', ttl: 60 },
    ])
  }
})

t.test('another TTL is set where nobody else has something in the set', async t => {
  const { fake, backend } = await stage(t)
  fake.put(RED, 'A', '10.0.0.1', { ttl: 60, comments: 'leasehold: old' })
  t.same(await one(backend, RED, [add(RED, 'A', '10.0.0.1', 300)], [is(RED, 'A', '10.0.0.1')]), MADE)
  t.match(fake.zone(ZONE).records, [{ value: '10.0.0.1', ttl: 300, comments: /^leasehold: dynamic/ }])
})

t.test('what a person switched off is in use, and is not switched on', async t => {
  const { fake, backend } = await stage(t)
  fake.put(RED, 'A', '10.0.0.1', { disabled: true })
  t.match(await one(backend, RED, [add(RED, 'A', '10.0.0.2')], [free(RED)]), { kind: 'conflict', alone: true })
  t.match(await one(backend, RED, [add(RED, 'A', '10.0.0.1')]), { kind: 'conflict', detail: /switched off/ })
  t.same(fake.at(RED), ['off A 10.0.0.1'])
})

t.test('a name that has an ANAME is taken', async t => {
  const { fake, backend } = await stage(t)
  fake.put(RED, 'ANAME', 'else.where')
  t.match(await one(backend, RED, [add(RED, 'A', '10.0.0.2')]), { kind: 'conflict', detail: /cannot stand beside/ })
})

const ZONES: [what: string, prepare: (fake: FakeTechnitium) => void, detail: RegExp][] = [
  [
    'is not there, though one above it is',
    fake => {
      fake.zones.delete(ZONE)
      fake.zone('example.net')
    },
    /would write into example\.net/,
  ],
  [
    'is a copy of another server',
    fake => Object.assign(fake.zone(ZONE), { type: 'Secondary' }),
    /Secondary, which takes no records/,
  ],
  ['is switched off', fake => Object.assign(fake.zone(ZONE), { disabled: true }), /switched off/],
]

for (const [what, prepare, detail] of ZONES) {
  t.test(`a zone that ${what} takes nothing`, async t => {
    const { fake, backend } = await stage(t)
    prepare(fake)
    const before = JSON.stringify([...fake.zones])
    t.match(await one(backend, RED, [add(RED, 'A', '10.0.0.1')], [free(RED)]), {
      kind: 'refused',
      fault: 'lane',
      detail,
    })
    t.match(await backend.read(ZONE, [RED]), { known: false, detail })
    t.equal(JSON.stringify([...fake.zones]), before)
  })
}

t.test('a right that is missing is the lane; one that goes between two records is unreachable', async t => {
  const { fake, backend } = await stage(t)
  fake.rights.delete('Modify')
  const publish = [add(RED, 'A', '10.0.0.1'), add(RED, 'DHCID', 'aabb')]
  t.match(await one(backend, RED, publish), { kind: 'refused', fault: 'lane', detail: /does not let the user/ })
  fake.rights.add('Modify')
  fake.after = path => {
    if (path.endsWith('/add')) fake.rights.delete('Modify')
    return false
  }
  t.match(await one(backend, RED, publish), {
    kind: 'unreachable',
    fault: 'lane',
    detail: /after a part of the change was made/,
  })
  t.same(fake.at(RED), ['A 10.0.0.1'])
})

t.test('a person who comes between the read and the write is a conflict where the server tells it', async t => {
  const { fake, backend } = await stage(t)
  fake.put(RED, 'A', '10.0.0.1')
  fake.before = path => {
    if (path.endsWith('/update')) fake.zone(ZONE).records[0]!.value = '10.0.0.7'
    return false
  }
  const move = [drop(RED, 'A', '10.0.0.1'), add(RED, 'A', '10.0.0.2')]
  t.match(await one(backend, RED, move, [is(RED, 'A', '10.0.0.1')]), { kind: 'conflict', alone: true })
  t.same(fake.at(RED), ['A 10.0.0.7'])
})

t.test('an answer that is lost leaves what may have been made; the same again finds it', async t => {
  const { fake, backend } = await stage(t)
  let lost = 0
  fake.after = (path, response) => {
    if (!path.endsWith('/add') || lost++ > 0) return false
    response.destroy()
    return true
  }
  const publish = [add(RED, 'A', '10.0.0.1')]
  t.match(await one(backend, RED, publish, [free(RED)]), { kind: 'unreachable', fault: 'lane' })
  t.match(await one(backend, RED, publish, [free(RED)]), { kind: 'conflict', alone: true }, 'so it is read')
  t.same(await one(backend, RED, publish, [is(RED, 'A', '10.0.0.1')]), MADE)
  t.same(fake.at(RED), ['A 10.0.0.1'])
})

t.test('a text of more than one string, and of more than ASCII, is read as it was written', async t => {
  const { backend } = await stage(t)
  const text = `${'a long text, '.repeat(30)}äöü`
  await one(backend, RED, [add(RED, 'TXT', text)])
  t.same(await one(backend, RED, [drop(RED, 'TXT', text)], [is(RED, 'TXT', text)]), MADE)
  const reading = await backend.read(ZONE, [RED])
  t.match(reading, { known: true })
  if (reading.known) t.equal(reading.rrs.size, 0)
})
