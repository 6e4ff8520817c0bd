import { spawn } from 'node:child_process'
import type { Environment } from '../config/resolve.ts'

/**
 * Tells systemd how far the program is (`READY=1`, `STOPPING=1`), where it runs as `Type=notify`. Node has no datagrams
 * over UNIX sockets, so systemd's own tool sends them; the unit says `NotifyAccess=all` for it. A failure is no trouble
 * of ours: systemd says it in its own log.
 */
export const notifySystemd = (env: Environment, ...states: string[]): void => {
  if (!env.NOTIFY_SOCKET) return
  const child = spawn('systemd-notify', [`--pid=${process.pid}`, ...states], { stdio: 'ignore' })
  child.on('error', () => {})
  child.unref()
}
