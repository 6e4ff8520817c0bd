/* The parts of set-ups: Keas and servers that answer wrongly, and where the rows of a test find them. */
import type { Test } from 'tap'
import type { Named } from '../../real/servers/named.ts'
import { startFake as startFakeDns } from '../backends/rfc2136/fake-dns.ts'
import { signed } from '../backends/rfc2136/opened.ts'
import { type Reaction, startFake as startFakeKea } from '../control/fake-kea.ts'
import { ZONES } from './watched.ts'

/** What a row may use. `named` is a BIND of this test alone: its key `leasehold` may write, `reader` may not. */
export interface Place {
  folder: string
  named: Named
  /** Starts a DHCP server without leases; gives its URL. Its clock is ahead by so many milliseconds. */
  kea: (config?: object, commands?: readonly string[], ahead?: number) => Promise<string>
  /** One that takes no password. */
  refusing: () => Promise<string>
  /** Starts a DNS server whose clock is ahead by so many seconds; gives its address. */
  ahead: (seconds: number) => Promise<string>
}

export const COMMANDS = ['config-get', 'dhcp-enable', 'lease4-get-page', 'list-commands', 'status-get', 'version-get']

export const HEADER =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context'

/** Of a token of the role operate, in rows that have tokens. */
export const SECRET = 'a-secret-of-the-operator'

const keaOf =
  (t: Test): Place['kea'] =>
  async (config = {}, commands = COMMANDS, ahead = 0) => {
    const { url } = await startFakeKea(t, ({ command }) => {
      const answers: Record<string, object> = {
        'list-commands': { arguments: commands },
        'version-get': { text: '3.0.4' },
        'status-get': { arguments: { pid: 1 } },
        'lease4-get-page': { result: 3, text: '0 IPv4 lease(s) found.' },
        'config-get': { arguments: { Dhcp4: { subnet4: [{ id: 1, subnet: '10.1.0.0/16' }], ...config } } },
      }
      const isKnown = command in answers && commands.includes(command)
      return isKnown ? dated({ result: 0, ...answers[command] }, ahead) : undefined
    })
    return url
  }

/** An answer whose Date is ahead by so many milliseconds. */
const dated =
  (answer: object, ahead: number): Reaction =>
  response => {
    response.setHeader('date', new Date(Date.now() + ahead).toUTCString())
    response.end(JSON.stringify([answer]))
  }

const refusingKea = async (t: Test): Promise<string> => (await startFakeKea(t, () => ({ status: 401, body: '' }))).url

const aheadBy = async (t: Test, seconds: number): Promise<string> => {
  const { address, close } = await startFakeDns(request => {
    const time = Math.floor(Date.now() / 1000)
    const theirs = Buffer.from((time + seconds).toString(16).padStart(12, '0'), 'hex')
    return signed(request, 9, { error: 18, other: theirs, time })
  })
  t.teardown(close)
  return address
}

/** What the rows of a test use, with a BIND that they share. */
export const placeOf = (t: Test, folder: string, named: Named): Place => ({
  folder,
  named,
  kea: keaOf(t),
  refusing: () => refusingKea(t),
  ahead: seconds => aheadBy(t, seconds),
})

export const keaAt = (url: string, more: object = {}) => ({
  kea: [{ name: 'kea1', url, services: ['dhcp4'], pollSeconds: 0, ...more }],
})

export const bindAt = ({ named }: Place, more: object = {}) => ({
  dns: [{ name: 'bind', kind: 'rfc2136', servers: [named.address], zones: ZONES, tsig: named.key, ...more }],
})
