/*
 * The ways in which Leasehold hears of leases, each as fast as it takes them:
 *
 *     events       arrays to POST /v1/events, some in flight
 *     callouts     one lease a request to POST /v1/callouts/leases4_committed, as Kea's hook does
 *     lease file   a memfile of Kea that grows
 *     ncr          name change requests over UDP, as Kea sends to its D2
 *
 * All is made ready beforehand: what is measured is the telling, and what comes of it.
 */
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { HttpClient } from './http-client.ts'
import { calloutOf, eventOf, type Lease, leaseRowOf, nameChangeOf } from './leases.ts'

/** Resolves when the last lease was told: answered with 202, written or sent. */
export type Feed = () => Promise<void>

const CALLOUT = '/v1/callouts/leases4_committed'

/** So many at a time. */
const inParts = <T>(all: T[], each: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / each) }, (_, i) => all.slice(i * each, (i + 1) * each))

export const tell = async (http: HttpClient, path: string, body: string): Promise<void> => {
  const { status, text } = await http.post(path, body)
  if (status !== 202) throw new Error(`${path} answered ${status}: ${text.slice(0, 200)}`)
}

const postAll =
  (http: HttpClient, path: string, bodies: string[], inFlight: number): Feed =>
  async () => {
    let next = 0
    const lane = async () => {
      while (next < bodies.length) await tell(http, path, bodies[next++]!)
    }
    await Promise.all(Array.from({ length: inFlight }, lane))
  }

export const callout = (http: HttpClient, lease: Lease): Promise<void> =>
  tell(http, CALLOUT, JSON.stringify(calloutOf(lease)))

export const callouts = (http: HttpClient, leases: Lease[], inFlight: number): Feed =>
  postAll(
    http,
    CALLOUT,
    leases.map(lease => JSON.stringify(calloutOf(lease))),
    inFlight,
  )

export const events = (http: HttpClient, leases: Lease[], each: number, inFlight: number): Feed => {
  const bodies = inParts(leases, each).map(some => JSON.stringify(some.map(eventOf)))
  return postAll(http, '/v1/events', bodies, inFlight)
}

/** Rows that are appended to the lease file at once. A Kea writes row by row, but never waits for who reads. */
const ROWS = 100

export const leaseFile = (path: string, leases: Lease[]): Feed => {
  const parts = inParts(leases, ROWS).map(some => some.map(lease => `${leaseRowOf(lease)}\n`).join(''))
  return async () => {
    for (const part of parts) await appendFile(path, part)
  }
}

/** Bytes that wait in the kernel for whoever has the UDP port (proc(5)). */
const waitingAt = (port: number): number => {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const row = readFileSync('/proc/net/udp', 'latin1')
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .find(columns => columns[1]?.endsWith(suffix))
  return Number.parseInt(row?.[4]?.split(':')[1] ?? '0', 16)
}

/** Datagrams that are sent between two looks at the kernel's queue, and bytes in it beyond which none is. */
const BURST = 32
const MOST_WAITING = 256 * 1024

/** Sends as long as the kernel's queue is short: whatever finds no room there is lost. */
export const ncr = (port: number, leases: Lease[]): Feed => {
  const bursts = inParts(leases.map(nameChangeOf), BURST)
  return async () => {
    const socket = createSocket('udp4')
    const send = (message: Buffer) =>
      new Promise<void>((resolve, reject) =>
        socket.send(message, port, '127.0.0.1', error => (error ? reject(error) : resolve())),
      )
    for (const burst of bursts) {
      await Promise.all(burst.map(send))
      await nextTurn()
      while (waitingAt(port) > MOST_WAITING) await sleep(1)
    }
    socket.close()
  }
}
