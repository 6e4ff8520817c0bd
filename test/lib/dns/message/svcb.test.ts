import t from 'tap'
import { svcbRdata } from '../../../../lib/dns/message/svcb.ts'

const WWW = '03777777036c6162076578616d706c6500'

const table: [value: string, rdata: string | null][] = [
  ['0 www.lab.example.', `0000${WWW}`],
  ['1 .', '000100'],
  ['16 www.lab.example port=53', `0010${WWW}000300020035`],
  ['1 . alpn="h2,h3"', '0001000001000602683202 6833'.replace(' ', '')],
  [
    '1 . ipv6hint=2001:db8::1 port=443 alpn=h2',
    '000100000100030268320003000201bb0006001020010db8000000000000000000000001',
  ],
  ['1 . ipv4hint=192.0.2.1,192.0.2.2', '00010000040008c0000201c0000202'],
  ['', null],
  ['1', null],
  ['x .', null],
  ['65536 .', null],
  ['1 a..b', null],
  ['0 www.lab.example port=53', null],
  ['1 . port=53 port=54', null],
  ['1 . port=70000', null],
  ['1 . port', null],
  ['1 . alpn=', null],
  ['1 . ipv4hint=2001:db8::1', null],
  ['1 . ipv6hint=192.0.2.1', null],
  ['1 . toString=1', null],
]

for (const [value, rdata] of table) t.equal(svcbRdata(value)?.toString('hex') ?? null, rdata, value)
