import { z } from 'zod'
import { IntentVerb } from '../model/intent.ts'
import { OutcomeKind, Verb } from '../model/record.ts'
import { Secret } from './secret.ts'

const under = <W extends string, V extends string>(word: W, verbs: readonly V[]): (W | `${W}.${V}`)[] => [
  word,
  ...verbs.map((verb): `${W}.${V}` => `${word}.${verb}`),
]

/**
 * What a webhook can be told of. The first word alone means all of its kind: `decision`, `outcome` and `intent` are the
 * entries of the audit log by `what` and `verb`; `hold` is a finding of that kind.
 */
export const WebhookEvent = z.enum([
  ...under('decision', Verb.options),
  ...under('outcome', OutcomeKind.options),
  ...under('intent', IntentVerb.options),
  ...under('finding', ['opened', 'gone'] as const),
  ...under('hold', ['opened', 'gone'] as const),
])
export type WebhookEvent = z.infer<typeof WebhookEvent>

/** Whoever is told of what happens by an HTTP request, signed with the secret. */
export const WebhookConfig = z.strictObject({
  url: z.string().min(1).max(2000),
  events: z.array(WebhookEvent).min(1),
  secret: Secret,
})
export type WebhookConfig = z.infer<typeof WebhookConfig>
