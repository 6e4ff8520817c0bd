import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { StatusAnswer } from '../../../schemas/api/answers.ts'
import type { FindingAnswer } from '../../../schemas/api/findings.ts'
import type { FindingKind } from '../../../schemas/model/finding.ts'
import { configOf } from '../../../server/config/load.ts'
import { start } from '../../../server/start.ts'
import { loggedTo } from '../log/captured.ts'

export const ZONE = 'lab.example.net'

/** Both zones of the scope of these tests, as an rfc2136 entry must name them. */
export const ZONES = [ZONE, '1.10.in-addr.arpa']

/** The whole program, watched for its findings. Closed with the test. */
export const watched = async (t: Test, settings: object = {}, folder?: string) => {
  const path = folder ?? (await mkdtemp(join(tmpdir(), 'leasehold-')))
  const { log, of } = loggedTo()
  const program = await start(
    configOf(
      {
        http: { port: 0 },
        store: { path },
        dns: [{ name: 'local', kind: 'embedded', port: 0 }],
        scopes: [{ name: 'office', subnet: '10.1.0.0/16', domain: ZONE, reverseZone: '1.10.in-addr.arpa' }],
        ...settings,
      },
      {},
    ),
    { log },
  )
  t.teardown(async () => {
    await program.close()
    if (!folder) await rm(path, { recursive: true, force: true })
  })
  const url = `http://127.0.0.1:${program.http.port}`
  const send = (method: string, to: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(url + to, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  const get = async <T>(to: string, headers = {}): Promise<T> =>
    (await (await send('GET', to, undefined, headers)).json()) as T
  const status = (headers = {}) => get<StatusAnswer>('/v1/status', headers)
  const findings = async (headers = {}): Promise<FindingAnswer[]> =>
    (await get<{ items: FindingAnswer[] }>('/v1/findings', headers)).items
  const finding = async (kind: FindingKind, headers = {}): Promise<FindingAnswer> => {
    for (;;) {
      const found = (await findings(headers)).find(one => one.kind === kind)
      if (found) return found
      await sleep(20)
    }
  }
  /** Resolves when there is none of this kind any more, and the log has said so. */
  const gone = async (kind: FindingKind, headers = {}): Promise<void> => {
    while ((await findings(headers)).some(one => one.kind === kind)) await sleep(20)
    while (!of('finding.gone').some(line => line.kind === kind)) await sleep(20)
  }
  let cltt = Math.floor(Date.now() / 1000) - 100
  const event = (address: string, hostname: string, fields: object = {}, headers = {}) =>
    send(
      'POST',
      '/v1/events',
      {
        event: 'committed',
        'ip-address': address,
        'hw-address': `02:00:5e:10:00:${address.split('.').at(-1)!.padStart(2, '0')}`,
        cltt: cltt++,
        'valid-lft': 3600,
        hostname,
        ...fields,
      },
      headers,
    )
  return { program, path, url, send, get, status, findings, finding, gone, event, of }
}
