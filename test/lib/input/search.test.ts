import t from 'tap'
import { searchFor } from '../../../lib/input/search.ts'

const TEXTS = ['laptop.lab.example.net', '10.1.0.20', '2001:db8::1', 'id:01:02:00:5e:10:0a:01', '02:00:5e:10:0a:01']

const rows: [typed: string, isFound: boolean][] = [
  ['lap', true],
  ['  LapTop ', true],
  ['top.lab', true],
  ['10.1.0.', true],
  ['10.1.0.21', false],
  ['2001:DB8:0:0::1', true],
  ['02:00:5e:10:0a:01', true],
  ['02-00-5E-10-0A-01', true],
  ['0200.5e10.0a01', true],
  ['02005E100A01', true],
  ['2:0:5e:10:a:1', true],
  ['5e-10', true],
  ['02-00-5e-10-0a-02', false],
  ['id:01:02', true],
  ['desktop', false],
]

for (const [typed, isFound] of rows) {
  t.test(`"${typed}" finds ${isFound ? 'it' : 'nothing'}`, async t => t.equal(searchFor(typed)(TEXTS), isFound))
}
