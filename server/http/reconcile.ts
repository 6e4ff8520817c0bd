import type { FastifyBaseLogger } from 'fastify'
import type { Run } from '../../schemas/run.ts'
import type { Reconciler } from '../reconcile/reconciler.ts'

/** Catches up, and answers 200 with the run that ended, or 202 with the one that has begun. */
export const reconcile = async (
  reconciler: Pick<Reconciler, 'startAnew'>,
  wait: boolean,
  log: FastifyBaseLogger,
): Promise<{ status: 200 | 202; run: Run }> => {
  const { run, ended } = await reconciler.startAnew('asked for by the API')
  if (wait) return { status: 200, run: await ended }
  ended.catch(error => log.error({ err: error }, 'the catch-up with Kea broke off'))
  return { status: 202, run }
}
