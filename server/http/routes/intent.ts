/*
 * What a person says of a name: POST /v1/names/{fqdn}/{act}. Each act is a row, and answers with the name's view as it is
 * then. What cannot be now is answered with 409 and the reason; a name of which nothing is known with 404.
 */
import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { InvalidInput, shown } from '../../../lib/input/bad-input.ts'
import type { Who } from '../../../lib/plan/intent/meant.ts'
import { ActAnswer } from '../../../schemas/api/answers.ts'
import { PinBody, WhyBody } from '../../../schemas/api/intent.ts'
import { Fqdn } from '../../../schemas/api/queries.ts'
import type { Decision } from '../../../schemas/model/record.ts'
import type { IntentDoor } from '../../intents/intents.ts'
import type { Deps } from '../deps.ts'
import { EXAMPLES } from '../examples.ts'
import { nameView, unknownName } from './names.ts'

type Body = PinBody | null | undefined

interface Act {
  verb: string
  operationId: string
  summary: string
  description: string
  body: typeof PinBody | typeof WhyBody
  problems: number[]
  act(door: IntentDoor, name: string, who: Who, body: Body): Promise<Decision[]>
}

/** The end of a pin, which is in the future. @throws InvalidInput when it is not */
const untilOf = (body: Body, now: number): number | null => {
  const until = body?.until ?? null
  if (until !== null && until <= now)
    throw new InvalidInput([{ field: 'until', expected: 'a time in the future', found: shown(new Date(until)) }])
  return until
}

const ACTS: readonly Act[] = [
  {
    verb: 'pin',
    operationId: 'pinName',
    summary: 'Keep a name',
    description:
      'Nothing that is published under the name goes when its lease expires or is released. A second pin replaces the first.',
    body: PinBody,
    problems: [404],
    act: (door, name, who, body) => door.pin(name, untilOf(body, who.at), who),
  },
  {
    verb: 'unpin',
    operationId: 'unpinName',
    summary: 'Take a pin back',
    description: 'What the policy does not keep goes at once, or once its grace is over.',
    body: WhyBody,
    problems: [404],
    act: (door, name, who) => door.unpin(name, who),
  },
  {
    verb: 'promote',
    operationId: 'promoteName',
    summary: 'Make a name infrastructure',
    description:
      'The name is kept as that of a reserved host, its TTL is a day, and no other client gets it than those that hold it now.',
    body: WhyBody,
    problems: [404, 409],
    act: (door, name, who) => door.promote(name, who),
  },
  {
    verb: 'demote',
    operationId: 'demoteName',
    summary: 'Take a promotion back',
    description: 'The name is again kept as the policy of its scope says.',
    body: WhyBody,
    problems: [404],
    act: (door, name, who) => door.demote(name, who),
  },
  {
    verb: 'release',
    operationId: 'releaseName',
    summary: 'Let go what stays',
    description:
      'What stays after its lease ended is taken away now; a pin is dropped. What is at a server that is gone is forgotten, and DNS may still hold it. 409 while the lease lives.',
    body: WhyBody,
    problems: [404, 409],
    act: (door, name, who) => door.release(name, who),
  },
  {
    verb: 'give-back',
    operationId: 'giveBackName',
    summary: 'Give a name back to Leasehold',
    description:
      'What a person made or changed in DNS is replaced, once, by what is wanted now. 409 when the name is neither protected nor in conflict, or nothing is wanted.',
    body: WhyBody,
    problems: [404, 409],
    act: (door, name, who) => door.giveBack(name, who),
  },
  {
    verb: 'restore',
    operationId: 'restoreName',
    summary: 'Bring back what was removed',
    description:
      'The name is published again and stays as if pinned, while its address is free or that of its client. 409 with the reason else.',
    body: WhyBody,
    problems: [404, 409],
    act: (door, name, who) => door.restore(name, who),
  },
]

/** Who asks, by the name of the token. */
export const whoOf = ({ caller, method, url }: FastifyRequest, why: string | undefined): Who => ({
  by: caller ?? 'local',
  at: Date.now(),
  why: why ?? null,
  cause: `${method} ${url.split('?')[0]}`,
})

/** POST /v1/names/{fqdn}/{act}: what a person means of a name. */
export const intentRoutes =
  (parts: Deps): FastifyPluginAsyncZod =>
  async app => {
    for (const { verb, body, problems, act, ...words } of ACTS) {
      app.route({
        method: 'POST',
        url: `/v1/names/:fqdn/${verb}`,
        config: { role: 'operate', isForwarded: true, problems, examples: EXAMPLES[words.operationId]! },
        schema: {
          ...words,
          tags: ['Intent'],
          params: z.object({ fqdn: Fqdn.describe('A name, in any case, with or without the last dot.') }),
          body: body.nullish(),
          response: { 200: ActAnswer },
        },
        handler: async request => {
          const { fqdn } = request.params
          if (!(await nameView(fqdn, parts))) throw unknownName(fqdn)
          const said = request.body as Body
          const decisions = await act(parts.intents, fqdn, whoOf(request, said?.why), said)
          return { ...(await nameView(fqdn, parts))!, decisions }
        },
      })
    }
  }
