import type { FastifyBaseLogger } from 'fastify'
import type { Run } from '../../schemas/run.ts'
import type { Sidecar } from '../sidecar.ts'

/** Catches up, and answers 200 with the run that ended, or 202 with the one that has begun. */
export const reconcile = async (
  sidecar: Pick<Sidecar, 'reconcile' | 'lastRun'>,
  wait: boolean,
  log: FastifyBaseLogger,
): Promise<{ status: 200 | 202; run: Run }> => {
  const ending = sidecar.reconcile()
  const begun = sidecar.lastRun()
  if (wait || !begun) return { status: 200, run: await ending }
  ending.catch(error => log.error({ err: error }, 'the catch-up with Kea broke off'))
  return { status: 202, run: begun }
}
