import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { leasedKea } from '../control/kea-with-leases.ts'
import { runOver } from '../reconcile/program-over-kea.ts'
import { HEADER } from './followed.ts'

/** The lease of h1, of which Kea wrote down that it updates nothing: it may have no D2, or the client may want none. */
const rowOf = (cltt: number) => `10.1.0.1,02:00:5e:10:00:01,,3600,${cltt + 3600},1,0,0,h1,0,\n`

t.test("a lease that the file told is judged anew when Kea's settings of DNS updates change", async t => {
  const path = join(t.testdir({}), 'leases.csv')
  await writeFile(path, HEADER + rowOf(Math.floor(Date.now() / 1000)))
  const kea = await leasedKea(t)
  let server: object = {}
  let subnet: object = {}
  kea.instead = ({ command }) => {
    if (command === 'lease4-get-page') return { answer: { result: 2, text: 'command not supported.' } }
    if (command !== 'config-get') return undefined
    const subnet4 = [{ id: 1, subnet: '10.1.0.0/24', ...subnet }]
    return { answer: { result: 0, arguments: { Dhcp4: { ...server, subnet4 } } } }
  }
  const program = await runOver(t, kea, {
    kea: [{ name: 'kea1', url: kea.url, services: ['dhcp4'], pollSeconds: 0, memfile: { dhcp4: path } }],
  })
  const becomes = async (what: string, wanted: number[]) => {
    await program.reconcile()
    let found: number[] = []
    for (let tries = 0; tries < 800; tries++) {
      found = await program.inDns([1])
      if (found.length === wanted.length) break
      await sleep(20)
    }
    t.same(found, wanted, what)
  }
  await becomes('a Kea without updates of its own leaves the flags off', [1])
  subnet = { 'ddns-send-updates': false }
  await becomes('its subnet sends none', [])
  subnet = { 'ddns-send-updates': true }
  await becomes('it sends some again', [1])
  server = { 'dhcp-ddns': { 'enable-updates': true } }
  await becomes('its updates are on: the flags say that nothing is to be written', [])
})
