import { openHosts } from '../../../server/backends/hosts/hosts.ts'

/*
 * Publishes one name in a hosts file, and says what came of it: `node hosts-child.ts PATH rename|in-place`. It is run where
 * the disk is one of its own.
 */

const [path = '', write = 'rename'] = process.argv.slice(2)
const log = { info: () => {}, error: () => {} }
const backend = openHosts({ name: 'h', kind: 'hosts', path, write: write as 'rename' | 'in-place' }, { log })
const name = 'h1.lab.example.net'
const rr = { name, type: 'A' as const, ttl: 300, value: '10.0.0.1' }
const attempts = [
  { prerequisites: [{ must: 'name-not-in-use' as const, name }], updates: [{ do: 'add' as const, rr }] },
]
await backend.apply('lab.example.net', [{ name, zone: 'lab.example.net', attempts }], (_, outcome) => {
  if (outcome.kind === 'applied') console.log('applied')
  else console.log(outcome.kind, 'fault' in outcome ? outcome.fault : '', outcome.detail)
})
await backend.close()
