import t from 'tap'
import { dhcidOf } from '../../../lib/dns/dhcid.ts'
import type { Client } from '../../../schemas/model/lease.ts'

const client = (fields: Partial<Client>): Client => ({
  key: 'test',
  clientId: null,
  hwAddress: null,
  hwType: 1,
  duid: null,
  iaid: null,
  ...fields,
})

const hex = (text: string): string => text.match(/../g)!.join(':')

t.test('the examples of RFC 4701 §3.6', async t => {
  for (const [fields, fqdn, expected] of [
    [
      { duid: '00:01:00:06:41:2d:f1:66:01:02:03:04:05:06' },
      'chi6.example.com',
      'AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=',
    ],
    [{ clientId: '01:07:08:09:0a:0b:0c' }, 'chi.example.com', 'AAEBOSD+XR3Os/0LozeXVqcNc7FwCfQdWL3b/NaiUDlW2No='],
    [{ hwAddress: '01:02:03:04:05:06' }, 'client.example.com', 'AAABxLmlskllE0MVjd57zHcWmEH3pCQ6VytcKD//7es/deY='],
  ] as const)
    t.equal(dhcidOf(client(fields), fqdn), Buffer.from(expected, 'base64').toString('hex'), fqdn)
})

t.test("the vectors of Kea's tests (ncr_unittests.cc), for myhost.example.com", async t => {
  const longest = `ff${'00'.repeat(4)}${'ab'.repeat(130)}`
  for (const [fields, expected] of [
    [{ duid: hex('00010203040506') }, '0002012191B7B21AF97E0E656DF887C5E2DEF30E7758A207EDF4CCB2DE8CA37066021C'],
    [{ clientId: hex('00010203040506') }, '0001012191B7B21AF97E0E656DF887C5E2DEF30E7758A207EDF4CCB2DE8CA37066021C'],
    [{ duid: '01:01:01' }, '000201202F813E7D9C88BADA41250F2A66297742BB9B3EB37C0981D4A905745A30BDD3'],
    [
      { clientId: hex('ff5de26c1500020000ab119a5720957161bdd0') },
      '000201A250D060B9352AE68E5014B78D251C30EFB0D5F64E48303B2BC56E6938F129E7',
    ],
    [{ hwAddress: hex('00010203040506') }, '0000012247F6DC4423C3E8627434A9D6868609D88948F78018B215EDCAA30C0C135035'],
  ] as const)
    t.equal(dhcidOf(client(fields), 'myhost.example.com'), expected.toLowerCase(), JSON.stringify(fields))
  t.equal(
    dhcidOf(client({ clientId: hex(longest) }), 'myhost.example.com'),
    dhcidOf(client({ duid: hex('ab'.repeat(130)) }), 'myhost.example.com'),
    'the longest DUID within a client-id',
  )
})

t.test('which identifier counts', async t => {
  const name = 'nas.lab.example.net'
  const hwAddress = '52:54:00:00:00:01'
  const byHardware = dhcidOf(client({ hwAddress }), name)
  t.not(dhcidOf(client({ hwAddress, clientId: '01:02' }), name), byHardware, 'a client-id before the hardware address')
  t.not(dhcidOf(client({ hwAddress, hwType: 6 }), name), byHardware, 'the hardware type counts')
  for (const clientId of ['ff', 'ff:00:00:00:01', hex(`ff${'00'.repeat(135)}`)]) {
    t.equal(
      dhcidOf(client({ hwAddress, clientId }), name),
      byHardware,
      `${clientId.length} characters: hardware instead`,
    )
    t.match(dhcidOf(client({ clientId }), name), /^000101/, 'or else as a plain client-id')
  }
  t.throws(() => dhcidOf(client({}), name), RangeError)
})

t.test('the name counts, and its case does not', async t => {
  const duid = '00:01:02'
  t.equal(dhcidOf(client({ duid }), 'NAS.lab'), dhcidOf(client({ duid }), 'nas.LAB'))
  t.not(dhcidOf(client({ duid }), 'nas.lab'), dhcidOf(client({ duid }), 'nas2.lab'))
})
