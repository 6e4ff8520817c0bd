import t from 'tap'
import { buildScopes } from '../../../../lib/plan/scope/scope.ts'
import { ScopeConfig } from '../../../../schemas/config/leasehold.ts'

const OFFICE = ScopeConfig.parse({ name: 'office', subnet: '10.1.0.0/16', domain: 'lab.example' })

t.test('a server that makes PTRs by itself has no reverse zone to write to', async t => {
  for (const zones of [null, ['lab.example', '10.in-addr.arpa']]) {
    const [own] = buildScopes([OFFICE], [{ name: 'h', endpoint: 'h', zones, derivesPtr: true }])
    t.same(own!.zoneOf('red.lab.example'), { endpoint: 'h', zone: 'lab.example' })
    t.equal(own!.zoneOf('1.0.1.10.in-addr.arpa'), null)
    t.match(own, { derivesPtr: true, ptrless: undefined }, 'which is nothing that is missing')
    const [other] = buildScopes([OFFICE], [{ name: 'b', endpoint: 'b', zones }])
    t.ok(other!.zoneOf('1.0.1.10.in-addr.arpa'))
  }
})
