import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { InvalidInput } from '../../../lib/input/bad-input.ts'
import { issuesOf } from '../../../lib/input/zod-issues.ts'
import { eventsOfReported } from '../../../lib/kea/lease-commands.ts'
import { Accepted } from '../../../schemas/api/answers.ts'
import { ReportedLease, ReportedLeases } from '../../../schemas/kea/reported-lease.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import type { Decision } from '../../../schemas/model/record.ts'
import { fromItem } from '../body.ts'
import type { Deps } from '../deps.ts'
import { EXAMPLES } from '../examples.ts'

/** Bytes of a body at most: 10,000 leases with all their fields fit. */
const LIMIT = 16 << 20

/** How many events are checked, and decided on, in one turn of the event loop. */
const SLICE = 100

const checked = (items: unknown[]): LeaseEvent[] => {
  const read = z.array(ReportedLease).safeParse(items)
  if (!read.success) throw new InvalidInput(issuesOf(read.error.issues, items, 'body'))
  return eventsOfReported(read.data)
}

/** The events of a long list, slice by slice. All are checked before the first is taken. */
const slicesOf = async (items: unknown[]): Promise<LeaseEvent[][]> => {
  const made: LeaseEvent[][] = []
  for (let at = 0; at < items.length; at += SLICE) {
    if (at > 0) await turn()
    made.push(fromItem(at, () => checked(items.slice(at, at + SLICE))))
  }
  return made
}

/** True for a list that is checked by slices. Whether it is too long says the schema, which counts first. */
const isLong = (body: unknown): body is unknown[] => Array.isArray(body) && body.length > SLICE && body.length <= 10_000

/** POST /v1/events: whoever is not Kea's hook reports lease events, one or many. */
export const eventRoutes =
  ({ intake }: Deps): FastifyPluginAsyncZod =>
  async app => {
    app.route({
      method: 'POST',
      url: '/v1/events',
      config: { role: 'callout', examples: EXAMPLES.reportEvents },
      bodyLimit: LIMIT,
      schema: {
        operationId: 'reportEvents',
        tags: ['Kea'],
        summary: 'Report lease events',
        description:
          "One lease event or up to 10,000 in the field names of Kea's lease commands. All are taken, or none.",
        body: ReportedLeases,
        response: { 202: Accepted },
      },
      validatorCompiler: () => input => {
        if (isLong(input)) return { value: input }
        const read = ReportedLeases.safeParse(input)
        return read.success
          ? { value: read.data }
          : { error: new InvalidInput(issuesOf(read.error.issues, input, 'body')) }
      },
      handler: async ({ body }, reply) => {
        const slices = isLong(body) ? await slicesOf(body) : [eventsOfReported(body)]
        await intake.untilKnown(slices.flat())
        const decisions: Decision[] = []
        for (const events of slices) {
          if (decisions.length > 0) await turn()
          decisions.push(...(await intake.take(events)))
        }
        const accepted = slices.reduce((sum, { length }) => sum + length, 0)
        return reply.code(202).send({ accepted, decisions })
      },
    })
  }
