import t from 'tap'
import { ZONE } from '../../server/backends/rfc2136/publish-changes.ts'
import { needs } from '../needs.ts'
import { LOCAL_KINDS } from '../servers/local-servers.ts'
import { OTHER_KINDS } from '../servers/other-servers.ts'
import { isLate, KINDS, lines, RESERVED, REVERSE, SHUT } from '../servers/update-servers.ts'
import { CASES } from './contract-cases.ts'
import { shower } from './contract-stage.ts'

/*
 * The contract of a backend: one list of cases (contract-cases.ts), run on each server that takes updates, signed with
 * DNSSEC and not, on the embedded one, on each that has an API of its own, on a resolver and on a hosts file.
 */

for (const [name, kind] of Object.entries({ ...KINDS, ...OTHER_KINDS, ...LOCAL_KINDS })) {
  for (const signing of kind.signing) {
    t.test(`${name}, ${signing === 'none' ? 'not signed' : signing}`, async t => {
      if (!needs(t, ...kind.programs)) return
      const zones = [ZONE, REVERSE, SHUT]
      const server = await kind.start({ zones, shut: [SHUT], signing, lines, reserved: RESERVED })
      t.teardown(server.close)
      const backend = server.open(t)
      const stage = { kind, server, backend, shows: shower(backend, isLate(signing)) }
      for (const [what, run] of Object.entries(CASES)) {
        const excluded = kind.cannot(what, backend.capabilities)
        if (excluded === null) await t.test(what, t => run(t, stage))
        else t.comment(`${what}: not asked, as ${excluded}`)
      }
    })
  }
}
