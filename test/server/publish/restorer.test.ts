import t, { type Test } from 'tap'
import { until } from '../../real/running.ts'
import { type FakeUnbound, startFakeUnbound } from '../backends/unbound/fake-unbound.ts'
import { watched, ZONE, ZONES } from '../findings/watched.ts'

/** The program on a control channel of the test, with `count` names published; `behave` as the channel's, until they are. */
const published = async (t: Test, count: number, behave: FakeUnbound['behave'] = () => null) => {
  const fake = await startFakeUnbound(t, { zones: ZONES.map(zone => `${zone}. transparent\n`).join('') })
  fake.behave = behave
  const dns = [{ name: 'u', kind: 'unbound', control: fake.path, zones: ZONES }]
  const program = await watched(t, { dns })
  for (let i = 1; i <= count; i++) await program.event(`10.1.0.${i}`, `h${i}`)
  await until(() => fake.data.length === 2 * count, 'all is published')
  return { fake, ...program }
}

t.test('what was forgotten is put back, in one line of the log and nobody else is blamed', async t => {
  const { fake, of, findings } = await published(t, 20)
  const before = [...fake.data].sort()
  for (let reloads = 1; reloads <= 2; reloads++) {
    fake.reload()
    await until(() => of('server.forgot').length === reloads, 'it is told', 10)
    t.same([...fake.data].sort(), before)
    t.match(of('server.forgot').at(-1), { backend: 'u', names: 40 })
  }
  t.same(of('dns.undone'), [])
  t.notOk((await findings()).some(({ kind }) => kind === 'two-writers'))
})

t.test('nothing is put back while writing is paused', async t => {
  const { fake, of, send } = await published(t, 2)
  const before = [...fake.data].sort()
  await send('POST', '/v1/pause')
  fake.reload()
  const { length } = fake.commands
  await until(
    () => fake.commands.slice(length).some(command => command.startsWith('insecure_add')),
    'it is noticed',
    10,
  )
  t.same(fake.data, [])
  await send('POST', '/v1/resume')
  await until(() => of('server.forgot').length === 1, 'it is told', 10)
  t.same([...fake.data].sort(), before)
})

t.test('where something else stands by now the name is read, and judged as any other', async t => {
  const { fake, of, get } = await published(t, 2)
  const person = `h1.${ZONE}. 300 IN A 192.0.2.1`
  fake.reload([person])
  await until(() => of('dns.let-go').length > 0, 'h1 is let go', 10)
  await until(() => fake.data.some(line => line.startsWith('h2')), 'h2 is there again', 10)
  t.match(await get(`/v1/names/h1.${ZONE}`), { records: [{ type: 'A', phase: 'protected' }] })
  t.same(
    fake.data.filter(line => line.startsWith('h1.')),
    [person],
  )
})

t.test('what went meanwhile is not put back', async t => {
  const { fake, of, send } = await published(t, 2)
  let isHeld = true
  fake.behave = command => (isHeld && command === 'list_local_data' ? 'cut' : null)
  fake.reload()
  const lease = { event: 'released', 'ip-address': '10.1.0.1', 'hw-address': '02:00:00:00:00:01' }
  const cltt = Math.floor(Date.now() / 1000)
  await send('POST', '/v1/events', { ...lease, cltt, 'valid-lft': 3600, hostname: 'h1' })
  const { length } = fake.commands
  await until(() => fake.commands.slice(length).includes('list_local_data'), 'it is tried', 10)
  isHeld = false
  await until(() => fake.data.some(line => line.startsWith('h2')), 'h2 is there again', 20)
  await until(() => fake.data.length === 2, 'and nothing else', 20)
  t.notOk(fake.data.some(line => line.includes('h1.')))
  t.ok(of('leasehold.ready'))
})

t.test('what was forgotten while Leasehold was away, or before Unbound was up, is put back too', async t => {
  const { fake, program, path } = await published(t, 2)
  const before = [...fake.data].sort()
  await program.close()
  fake.reload()
  fake.behave = () => 'cut'
  const dns = [{ name: 'u', kind: 'unbound', control: fake.path, zones: ZONES }]
  const { of } = await watched(t, { dns }, path)
  await until(() => fake.commands.filter(command => command === 'status').length > 1, 'it is asked', 10)
  t.same(fake.data, [])
  fake.behave = () => null
  await until(() => fake.data.length === 4, 'all is there again', 10)
  t.same([...fake.data].sort(), before)
  t.match(of('server.forgot'), [{ backend: 'u', names: 4 }])
  t.same(of('dns.undone'), [], 'and nobody is blamed, though the run at the start reads all names')
})

t.test('what waits to be read once more when Unbound is up again is put back, and nobody is blamed', async t => {
  const told = new Set<string>()
  const isUnanswered = (command: string) => command.startsWith('local_data ') && !told.has(command) && told.add(command)
  const { fake, program, path } = await published(t, 2, command => (isUnanswered(command) ? 'cut' : null))
  const before = [...fake.data].sort()
  await program.close()
  fake.reload()
  fake.behave = () => 'cut'
  const dns = [{ name: 'u', kind: 'unbound', control: fake.path, zones: ZONES }]
  const again = await watched(t, { dns }, path)
  const { queue } = again.program.parts
  const place = { endpoint: 'u', zone: ZONES[0]!, name: `h1.${ZONE}` }
  await until(() => queue.isInFlight(place), 'it is to be read late', 10)
  fake.behave = () => null
  await until(() => fake.data.length === 4, 'all is there again', 10)
  t.same([...fake.data].sort(), before)
  await until(() => queue.status().every(({ waiting }) => waiting === 0), 'it is read', 10)
  t.match(again.of('server.forgot'), [{ backend: 'u', names: 4 }])
  t.same(again.of('dns.undone'), [])
})
