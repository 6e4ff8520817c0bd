/*
 * The life of the process.
 *
 *     start ──► ready ──► SIGTERM, SIGINT ──► all is closed ──► exit 0
 *                │                 └── something hangs ──► after 8 s: killed, whatever it is
 *                └── SIGHUP ──► the configuration is read anew
 *                                  wrong            the log says what; nothing changes
 *                                  the same         the log says so
 *                                  log.level only   it is set
 *                                  anything else    the parts are closed and started again, in this process
 *
 * A reload starts the parts again rather than change them where they stand: then a reload can do no more and no less
 * than a restart does, and a scope or a DNS server that is gone is weighed and held as at any start. HTTP is away for
 * that moment. Where the new parts cannot start (a port is taken), the old ones are started again.
 *
 * The store is safe whenever the process ends: what was acknowledged is on disk.
 */

import closeWithGrace from 'close-with-grace'
import type { FastifyBaseLogger } from 'fastify'
import { diffConfigs } from '../config/diff.ts'
import { loadConfig } from '../config/load.ts'
import type { ResolvedConfig } from '../config/resolve.ts'
import { openLog } from '../log/open-log.ts'
import { type Running, start } from '../start.ts'
import { notifySystemd } from './notify.ts'
import { EXIT, type ExitCode, type Terminal } from './terminal.ts'

/** Milliseconds in which everything must have closed. */
const GRACE = 8000

/** What happens to the parts and when: one thing at a time. */
interface Life {
  reload(): Promise<void>
  close(): Promise<void>
}

const withoutLevel = (line: string): boolean => !line.startsWith('log.level:')

/** Starts the parts, and gives what can be done to them. */
const begin = async (
  load: () => ResolvedConfig,
): Promise<Life & { log: FastifyBaseLogger; lastWord(text: string): void }> => {
  let config = load()
  const log = openLog(config.log)
  for (const warning of config.warnings) log.warn(warning)
  const onFatal = (error: Error) => {
    log.fatal({ err: error }, 'the store can be used no more: the program ends, so that it can be started again')
    process.exit(EXIT.no)
  }
  const begun = (one: ResolvedConfig) => start(one, { log, onFatal })
  let running: Running = await begun(config)
  let last: Promise<void> = Promise.resolve()
  let isClosed = false
  const inTurn = (task: () => Promise<void>): Promise<void> => {
    last = last.then(task, task)
    return last
  }

  const replace = async (next: ResolvedConfig): Promise<void> => {
    await running.close()
    try {
      running = await begun(next)
      config = next
    } catch (error) {
      log.error({ err: error }, 'the new configuration cannot be started, so the old one goes on')
      running = await begun(config)
    }
  }

  const reload = async (): Promise<void> => {
    if (isClosed) return
    let next: ResolvedConfig
    try {
      next = load()
    } catch (error) {
      log.error({ reason: (error as Error).message }, 'the configuration is wrong, so nothing changes')
      return
    }
    for (const warning of next.warnings) log.warn(warning)
    const changes = diffConfigs(config, next)
    if (changes.length === 0) return void log.info('the configuration was read anew: nothing changed')
    log.info({ changes }, 'the configuration was read anew')
    log.level = next.log.level
    if (changes.some(withoutLevel)) await replace(next)
    else config = next
  }

  return {
    log,
    lastWord: text => openLog(config.log, process.stdout, true).fatal(text),
    reload: () => inTurn(reload),
    close: () => {
      isClosed = true
      return inTurn(() => running.close())
    },
  }
}

/** `leasehold serve`: runs until a signal ends it. Resolves once all is ready; the process goes on. */
export const serve = async ({ config: file }: { config?: string }, { env }: Terminal): Promise<ExitCode> => {
  let reload = async (): Promise<void> => {}
  // From the first moment: a SIGHUP that nobody waits for ends the process.
  process.on('SIGHUP', () => void reload())
  const life = await begin(() => loadConfig({ file, env }))
  const { log, close, lastWord } = life
  const failed = (error: Error) => {
    log.fatal({ err: error }, 'the parts cannot be started again')
    process.exit(EXIT.no)
  }
  reload = () => life.reload().catch(failed)
  closeWithGrace(
    {
      delay: GRACE,
      skip: ['SIGHUP', 'beforeExit'],
      logger: { error: (error: unknown) => log.error({ err: error }, 'not everything could be closed') },
      onTimeout: () => {
        lastWord(`something hangs and did not close within ${GRACE / 1000} s: the process is killed`)
        // An exit waits for the threads of the file system, and one of these may be what hangs.
        process.kill(process.pid, 'SIGKILL')
      },
    },
    async ({ err, signal }) => {
      if (err) log.fatal({ err }, 'a fault of this program: it ends, so that it can be started again')
      else log.info({ signal }, 'ending')
      notifySystemd(env, 'STOPPING=1')
      await close()
    },
  )
  notifySystemd(env, '--ready')
  return EXIT.done
}
