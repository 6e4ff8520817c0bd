import t from 'tap'
import type { Prerequisite } from '../../../../lib/dns/rr.ts'
import { NameTree } from '../../../../lib/dns/zone/name-tree.ts'
import { permits } from '../../../../lib/dns/zone/zone.ts'

const tree = new NameTree('lab.example')
tree.add({ name: 'nas.lab.example', type: 'A', ttl: 300, value: '10.0.0.1' })
tree.add({ name: 'nas.lab.example', type: 'A', ttl: 300, value: '10.0.0.2' })
tree.add({ name: 'nas.lab.example', type: 'DHCID', ttl: 300, value: '00ff' })
tree.add({ name: 'a.b.lab.example', type: 'A', ttl: 300, value: '10.0.0.3' })

const nas = { name: 'nas.lab.example', type: 'A' } as const

const table: [prerequisites: Prerequisite[], failure: string | null][] = [
  [[], null],
  [[{ must: 'name-not-in-use', name: 'new.lab.example' }], null],
  [[{ must: 'name-not-in-use', name: 'b.lab.example' }], null],
  [[{ must: 'name-not-in-use', name: 'nas.lab.example' }], 'nas.lab.example is in use (A, DHCID)'],
  [[{ must: 'rrset-absent', name: 'nas.lab.example', type: 'AAAA' }], null],
  [[{ must: 'rrset-absent', ...nas }], 'nas.lab.example already has A 10.0.0.1, 10.0.0.2'],
  [[{ must: 'rrset-equals', ...nas, values: ['10.0.0.2', '10.0.0.1'] }], null],
  [
    [{ must: 'rrset-equals', ...nas, values: ['10.0.0.1'] }],
    'nas.lab.example has A 10.0.0.1, 10.0.0.2, expected 10.0.0.1',
  ],
  [
    [{ must: 'rrset-equals', ...nas, values: ['10.0.0.1', '10.0.0.2', '10.0.0.3'] }],
    'nas.lab.example has A 10.0.0.1, 10.0.0.2, expected 10.0.0.1, 10.0.0.2, 10.0.0.3',
  ],
  [[{ must: 'rrset-equals', name: 'nas.lab.example', type: 'DHCID', values: ['00FF'] }], null],
  [
    [{ must: 'rrset-equals', name: 'new.lab.example', type: 'DHCID', values: ['00ff'] }],
    'new.lab.example has no DHCID, expected 00ff',
  ],
  [
    [
      { must: 'name-not-in-use', name: 'new.lab.example' },
      { must: 'rrset-absent', ...nas },
      { must: 'name-not-in-use', name: 'nas.lab.example' },
    ],
    'nas.lab.example already has A 10.0.0.1, 10.0.0.2',
  ],
]

for (const [prerequisites, failure] of table)
  t.equal(permits(tree, prerequisites), failure, JSON.stringify(prerequisites))
