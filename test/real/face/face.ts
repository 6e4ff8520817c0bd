/*
 * What people look at in the tests of the page and of the command line: a program with a day's worth of names.
 *
 *     office   names in DNS, one pinned, one reserved, one in conflict, one that a hostile client asked for
 *              (it asks for HOSTILE, and is called kiosk)
 *     guests   names that go a while after their lease: countdowns
 *     lab      twelve names that are kept; a change of policy that would remove them all is held
 */

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { createClient, type LeaseholdClient } from '../../../openapi/client.ts'
import { configOf } from '../../../server/config/load.ts'
import { type Running, start } from '../../../server/start.ts'
import { until } from '../../server/http/inject.ts'

export const OPERATE = 'operate-only-for-this-test'
export const LOOK = 'read-only-for-this-test'

const SCOPES = [
  { name: 'office', subnet: '10.1.0.0/16', domain: 'lab.example' },
  {
    name: 'guests',
    subnet: '10.2.0.0/16',
    domain: 'guests.example',
    profile: 'aggressive',
    grace: { expiry: '3h', release: 0 },
  },
  { name: 'lab', subnet: '10.3.0.0/16', domain: 'rack.example', retainOnExpiry: true },
]

/** A client's text at its worst: markup, a character that turns the text round, and as long as a name can be. */
export const HOSTILE = `<img src=x onerror=alert(1)>\u202e${'very-long-'.repeat(30)}`.slice(0, 253)

const now = (): number => Math.floor(Date.now() / 1000)

/** The nth client's word on an address. */
export const eventOf = (event: string, address: string, n: number, fields: object = {}) => ({
  event,
  'ip-address': address,
  'hw-address': `02:00:5e:${[n >> 16, n >> 8, n].map(part => (part & 255).toString(16).padStart(2, '0')).join(':')}`,
  cltt: now() - 600,
  'valid-lft': 3600,
  'subnet-id': 1,
  hostname: `h${n}`,
  ...fields,
})

const OFFICE = ['nas', 'printer', 'reception', 'laptop-ada', 'laptop-grace', 'camera-door', 'phone-12', 'tv-kitchen']

const eventsOfDay = () => {
  const over = { cltt: now() - 3610 }
  return [
    ...OFFICE.map((hostname, n) => eventOf('committed', `10.1.0.${n + 5}`, n, { hostname })),
    eventOf('committed', '10.1.0.40', 40, { hostname: HOSTILE }),
    eventOf('committed', '10.1.0.41', 41, { hostname: 'router' }),
    ...['tablet', 'visitor'].flatMap((hostname, n) => [
      eventOf('committed', `10.2.0.${n + 5}`, 60 + n, { hostname, ...over }),
      eventOf('expired', `10.2.0.${n + 5}`, 60 + n, { hostname, ...over }),
    ]),
    ...Array.from({ length: 12 }, (_, n) => n).flatMap(n => [
      eventOf('committed', `10.3.0.${n + 5}`, 80 + n, { hostname: `node${n}`, ...over }),
      eventOf('expired', `10.3.0.${n + 5}`, 80 + n, { hostname: `node${n}`, ...over }),
    ]),
  ]
}

export interface Face {
  url: string
  client: LeaseholdClient
  running(): Running
  report(events: object[]): Promise<void>
  /** Waits until nothing waits for DNS any more. */
  settled(): Promise<void>
  /** Ends the program, does what is to be done meanwhile, and starts it again at the same port, on the same store. */
  restart(meanwhile?: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

const configFor = (path: string, port: number, more: object) =>
  configOf(
    {
      http: {
        port,
        tokens: [
          { name: 'ops', role: 'operate', secret: OPERATE },
          { name: 'look', role: 'read', secret: LOOK },
        ],
      },
      log: { level: 'silent' },
      store: { path },
      dns: [
        {
          name: 'local',
          kind: 'embedded',
          port: 0,
          records: [{ name: 'router.lab.example', type: 'A', value: '10.1.0.1' }],
        },
      ],
      scopes: SCOPES,
      reservations: [{ scope: 'office', client: 'hw:02:00:5e:00:00:01', name: 'printer', address: '10.1.0.6' }],
      ...more,
    },
    {},
  )

/** The program without anything that it was told. `more` is more of leasehold.json. */
export const bareFace = async (more: object = {}): Promise<Face> => {
  const path = await mkdtemp(join(tmpdir(), 'leasehold-face-'))
  let running = await start(configFor(path, 0, more))
  const { port } = running.http
  const url = `http://127.0.0.1:${port}`
  const client = createClient({ url, token: OPERATE })
  return {
    url,
    client,
    running: () => running,
    report: async events => {
      for (let at = 0; at < events.length; at += 10_000) {
        const { response } = await client.POST('/v1/events', { body: events.slice(at, at + 10_000) as never })
        assert.equal(response.status, 202)
      }
    },
    settled: () =>
      until(async () => {
        const { data } = await client.GET('/v1/plan')
        return data?.items.every(({ phase }) => phase === 'conflict')
      }),
    restart: async (meanwhile = async () => {}) => {
      await running.close()
      await meanwhile()
      running = await start(configFor(path, port, more))
    },
    close: async () => {
      await running.close()
      await rm(path, { recursive: true, force: true })
    },
  }
}

/** The program with the day's names in it, a pin, and a change of policy that waits. Closed with the test. */
export const dayOf = async (t?: Test): Promise<Face> => {
  const face = await bareFace()
  t?.teardown(face.close)
  await face.report(eventsOfDay())
  await face.settled()
  const path = { fqdn: 'reception.lab.example' }
  await face.client.POST('/v1/names/{fqdn}/pin', { params: { path }, body: { why: 'the door phone calls it' } })
  const client = { client: 'hw:02:00:5e:00:00:28' }
  await face.client.PUT('/v1/clients/{client}/name', { params: { path: client }, body: { name: 'kiosk' } })
  const held = await face.client.PATCH('/v1/scopes/{name}', {
    params: { path: { name: 'lab' } },
    body: { retainOnExpiry: false, grace: 0 },
  })
  assert.equal(held.response.status, 202)
  return face
}
