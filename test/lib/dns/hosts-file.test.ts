import fc from 'fast-check'
import t from 'tap'
import { HostsFile } from '../../../lib/dns/hosts-file.ts'

const PERSONS = [
  '127.0.0.1\tlocalhost localhost.localdomain\r',
  '',
  '# my own',
  '10.0.0.9 NAS.lab.example.net. nas  # the NAS',
  'not an address',
  '10.0.0.1 red.lab.example.net red # leasehold',
  '::1 ip6-localhost',
]

const values = (file: HostsFile, name: string) =>
  file.at(name).map(({ type, value, isForeign }) => `${isForeign ? 'their' : 'our'} ${type} ${value}`)

t.test("a person's lines are read, and are not ours", async t => {
  const file = new HostsFile(`${PERSONS.join('\n')}\n`)
  t.same(values(file, 'nas.lab.example.net'), ['their A 10.0.0.9'])
  t.same(values(file, 'nas'), ['their A 10.0.0.9'])
  t.same(values(file, 'ip6-localhost'), ['their AAAA ::1'])
  t.same(values(file, 'localhost.localdomain'), ['their A 127.0.0.1'])
  t.same(values(file, 'red.lab.example.net'), ['their A 10.0.0.1'], 'a line of ours to which an alias was added')
  t.same(values(file, 'an'), [])
})

t.test('our lines stand below, and are read back', async t => {
  const file = new HostsFile('10.0.0.9 nas')
  file.add('h1.lab', '10.0.0.1')
  file.add('h1.lab', '2001:db8::1')
  file.add('nas', '10.0.0.8')
  const text = String(file)
  t.match(text, /^10\.0\.0\.9 nas\n# Leasehold .*\n10\.0\.0\.1 h1\.lab # leasehold\n/)
  const again = new HostsFile(text)
  t.same(values(again, 'h1.lab'), ['our A 10.0.0.1', 'our AAAA 2001:db8::1'])
  t.same(values(again, 'nas'), ['their A 10.0.0.9', 'our A 10.0.0.8'])
  t.equal(String(again), text)
  again.remove('h1.lab', '2001:db8::1')
  t.same(values(again, 'h1.lab'), ['our A 10.0.0.1'])
  again.remove('h1.lab', '10.0.0.1')
  again.remove('nas', '10.0.0.8')
  t.equal(String(again), '10.0.0.9 nas\n', 'with our last line the header goes')
})

t.test('a value that a person has too is not ours to take away', async t => {
  const file = new HostsFile('10.0.0.1 h1.lab # leasehold\n10.0.0.1 h1.lab # mine\n')
  t.same(values(file, 'h1.lab'), ['their A 10.0.0.1'])
  file.add('h1.lab', '10.0.0.1')
  file.remove('h1.lab', '10.0.0.1')
  t.equal(String(file), '10.0.0.1 h1.lab # mine\n')
})

t.test('whatever stands in the file, the lines of others are kept byte for byte', async () => {
  const line = fc.oneof(
    fc.constantFrom(...PERSONS, '10.0.0.3 h3.lab # leasehold'),
    fc.string({ unit: 'binary' }).map(text => text.replaceAll('\n', '')),
  )
  fc.assert(
    fc.property(fc.array(line), fc.boolean(), (lines, endsWell) => {
      const text = lines.join('\n') + (endsWell && lines.length > 0 ? '\n' : '')
      const file = new HostsFile(text)
      file.remove('h3.lab', '10.0.0.3')
      const foreign = text.replaceAll(/^10\.0\.0\.3 h3\.lab # leasehold(\n|$)/gm, '')
      if (String(file) !== foreign) return false
      file.add('h1.lab', '10.0.0.1')
      return String(file).startsWith(foreign) && String(new HostsFile(String(file))) === String(file)
    }),
  )
})
