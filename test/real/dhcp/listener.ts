import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { eventsOf, parseEnvironment } from '../../../lib/kea/callout.ts'
import { Point } from '../../../schemas/kea/callout.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'

/** Stands where Leasehold would, and keeps what the hook script told. */
export interface Listener {
  readonly url: string
  /** The `authorization` of every call so far. */
  readonly authorizations: (string | undefined)[]
  /** Waits for so many events, and a moment for more; then gives all that have come since the last time. */
  events(count: number): Promise<LeaseEvent[]>
}

export const listen = async (t: Test, host: string): Promise<Listener> => {
  const authorizations: (string | undefined)[] = []
  let heard: LeaseEvent[] = []
  let failure: Error | null = null
  const server = createServer(async (request, response) => {
    try {
      authorizations.push(request.headers.authorization)
      const point = Point.parse(request.url?.replace('/v1/callouts/', ''))
      heard.push(...eventsOf(point, parseEnvironment(await buffer(request))))
    } catch (error) {
      failure ??= error as Error
    }
    response.writeHead(202).end()
  }).listen(0, host)
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    authorizations,
    events: async count => {
      for (let waited = 0; heard.length < count && !failure && waited < 10_000; waited += 20) await sleep(20)
      await sleep(150)
      if (failure) throw failure
      const events = heard
      heard = []
      return events
    },
  }
}
