import { createSocket } from 'node:dgram'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { leasedKea } from '../control/kea-with-leases.ts'
import { watched } from './watched.ts'

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })
const READER = bearer('reader-secret')
const HTTP = {
  port: 0,
  tokens: [
    { name: 'kea', role: 'callout', secret: 'hook-secret' },
    { name: 'me', role: 'operate', secret: 'reader-secret' },
  ],
}

t.test('source-unauthorised: the hook has a wrong token; it goes with the right one', async t => {
  const kea = await leasedKea(t)
  const settings = { http: HTTP, kea: [{ name: 'kea1', url: kea.url, services: ['dhcp4'], pollSeconds: 0 }] }
  const { send, finding, gone, status, program } = await watched(t, settings)
  t.match((await status(READER)).sources, [{ source: 'hook', name: 'kea', lastHeard: null, accepted: 0 }])
  const tell = (secret: string) => send('POST', '/v1/callouts/lease4_recover', { variables: {} }, bearer(secret))
  const wrong = await tell('no-such-secret')
  t.equal(wrong.status, 401)
  t.match(await finding('source-unauthorised', READER), {
    severity: 'error',
    subject: /^hook an unknown token from 127\.0\.0\.1$/,
    reason: /Kea's hook .* was refused, so what it tells of is lost: The bearer token is not known/,
    remedy: /LEASEHOLD_TOKEN_FILE of leasehold-hook\.conf/,
  })
  const text = JSON.stringify(await status(READER)) + (await program.parts.metrics.scrape(program.parts))
  t.match(text, /dhcp_ddns_source_refused_total\{source="hook",why="unauthorised"\} 1/)
  t.notMatch(text, /no-such-secret|hook-secret/, 'no secret is shown')
  const right = await send(
    'POST',
    '/v1/callouts/lease4_expire',
    {
      variables: {
        LEASE4_ADDRESS: '10.1.0.20',
        LEASE4_CLTT: '1795248000',
        LEASE4_HOSTNAME: 'laptop',
        LEASE4_HWADDR: '02:00:5e:10:00:01',
        LEASE4_HWADDR_TYPE: '1',
        LEASE4_STATE: 'default',
        LEASE4_SUBNET_ID: '1',
        LEASE4_VALID_LIFETIME: '3600',
        LEASE4_CLIENT_ID: '',
      },
    },
    bearer('hook-secret'),
  )
  t.equal(right.status, 202, 'what the remedy says')
  await gone('source-unauthorised', READER)
  const { sources } = await status(READER)
  t.match(
    sources.find(({ name }) => name === 'kea'),
    { accepted: 1, refused: 0, lastHeard: String },
  )
  t.match(
    sources.find(({ name }) => name !== 'kea'),
    { refused: 1, lastRefusal: { why: 'unauthorised' } },
  )
})

t.test('a hundred strangers cannot fill the memory, nor hide the hook', async t => {
  const { send, status } = await watched(t, { http: HTTP })
  for (let i = 0; i < 5; i++) await send('POST', '/v1/callouts/lease4_expire', {}, bearer(`guess-${i}`))
  const { sources } = await status(READER)
  t.equal(sources.length, 2, 'one line for one address, and the token of the configuration')
  t.match(sources[1], { refused: 5 })
})

t.test('source-silent: the hook is heard, and there is nobody to list; not where there is', async t => {
  const { event, finding, findings } = await watched(t)
  t.strictSame(await findings(), [])
  await event('10.1.0.20', 'red')
  t.match(await finding('source-silent'), {
    id: 'source-silent:kea',
    reason: /no Kea can be listed/,
    remedy: /"kea": \[\{ "name": "kea1", "url": /,
  })
  const kea = await leasedKea(t)
  const whole = await watched(t, { kea: [{ name: 'kea1', url: kea.url, services: ['dhcp4'], pollSeconds: 0 }] })
  await whole.event('10.1.0.20', 'red')
  t.notOk((await whole.findings()).some(({ kind }) => kind === 'source-silent'))
})

t.test('source-malformed: what comes to the NCR port is no name change request', async t => {
  const { program, finding, status } = await watched(t, { ncr: { port: 0 } })
  const socket = createSocket('udp4')
  t.teardown(() => socket.close())
  socket.send('hello', program.ncr!.port, '127.0.0.1')
  t.match(await finding('source-malformed'), { subject: /^ncr 127\.0\.0\.1/, reason: /not understood/ })
  t.match((await status()).sources, [{ source: 'ncr', accepted: 0, refused: 1, lastRefusal: { why: 'malformed' } }])
})

t.test('lease-file-unreadable: it is not there; it goes when it is', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-kea-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'kea-leases4.csv')
  const kea = [{ name: 'kea1', services: ['dhcp4'], memfile: { dhcp4: path } }]
  const { finding, gone, status } = await watched(t, { kea })
  t.match(await finding('lease-file-unreadable'), {
    subject: `lease-file ${path}`,
    reason: /cannot be trusted/,
    remedy: new RegExp(`usermod -aG _kea leasehold.*head -1 ${path}`),
  })
  await writeFile(
    path,
    'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n',
  )
  await gone('lease-file-unreadable')
  t.match((await status()).sources, [{ source: 'lease-file', name: path, lastHeard: String }])
})
