import fc from 'fast-check'
import t from 'tap'
import { parseEnvironment } from '../../../lib/kea/callout.ts'
import { recorded } from '../../recorded.ts'

const bytes = (...entries: string[]) => Buffer.from(entries.map(entry => `${entry}\0`).join(''))
const plain = (environment: Uint8Array) => ({ ...parseEnvironment(environment) })

t.test('what is kept', async t => {
  const rows: [entry: string, kept: Record<string, string>][] = [
    ['LEASE4_ADDRESS=192.0.2.1', { LEASE4_ADDRESS: '192.0.2.1' }],
    ['LEASES4_SIZE=1', { LEASES4_SIZE: '1' }],
    ['DELETED_LEASES4_AT0_HOSTNAME=a', { DELETED_LEASES4_AT0_HOSTNAME: 'a' }],
    ['LEASE6_DUID=00', { LEASE6_DUID: '00' }],
    ['LEASES6_AT12_IAID=1', { LEASES6_AT12_IAID: '1' }],
    ['DELETED_LEASES6_SIZE=0', { DELETED_LEASES6_SIZE: '0' }],
    ['NEW_LEASE6_STATE=registered', { NEW_LEASE6_STATE: 'registered' }],
    ['DELETED_LEASES4_SIZE=0', { DELETED_LEASES4_SIZE: '0' }],
    ['ADDRESS6=2001:db8::1', {}],
    ['OLD_LEASE6_ADDRESS=2001:db8::1', {}],
    ['SUBNET4_PREFIX=192.0.2.0', {}],
    ['QUERY4_TYPE=DHCPREQUEST', {}],
    ['REMOVE_LEASE=false', {}],
    ['LEASE4_HOSTNAME=', { LEASE4_HOSTNAME: '' }],
    ['LEASE4_HOSTNAME=a=b', { LEASE4_HOSTNAME: 'a=b' }],
    ['LEASE4_HOSTNAME=two\nlines', { LEASE4_HOSTNAME: 'two\nlines' }],
    ['QUERY4_TXID=1', {}],
    ['PATH=/usr/bin', {}],
    ['PWD=/', {}],
    ['__proto__=x', {}],
    ['constructor=x', {}],
    ['LEASE4_ADDRESS', {}],
    ['=LEASE4_ADDRESS', {}],
    ['', {}],
  ]
  for (const [entry, kept] of rows) t.same(plain(bytes(entry)), kept, JSON.stringify(entry))
})

t.test('the last entry needs no NUL', async t => {
  t.same(plain(Buffer.from('LEASE4_CLTT=1\0LEASE4_STATE=default')), { LEASE4_CLTT: '1', LEASE4_STATE: 'default' })
})

t.test('bytes that are no UTF-8 are shown as such', async t => {
  const environment = Buffer.concat([Buffer.from('LEASE4_HOSTNAME=b'), Buffer.from([0xfc]), Buffer.from('ro\0')])
  t.same(plain(environment), { LEASE4_HOSTNAME: 'b\ufffdro' })
})

t.test('a recorded environment keeps all that it says of leases', async t => {
  for (const { env } of recorded('functional')) {
    const kept = plain(bytes('PATH=/bin', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)))
    const leases = Object.entries(env).filter(
      ([name]) => /LEASE/.test(name) && !/^(REMOVE_LEASE$|OLD_LEASE6_)/.test(name),
    )
    t.match(kept, Object.fromEntries(leases))
    t.notOk(Object.keys(kept).some(name => name === 'PATH' || name.endsWith('_TXID')))
  }
})

t.test('any bytes make variables, and nothing inherited', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), environment => {
      const variables = parseEnvironment(environment)
      return Object.getPrototypeOf(variables) === null && Object.values(variables).every(v => typeof v === 'string')
    }),
  )
})
