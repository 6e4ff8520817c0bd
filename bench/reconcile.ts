/*
 * Measures reconcile runs with a Kea that has many leases: the first, when all of them are new, then some with no change,
 * when no DNS message may go out. One line of JSON for each. Usage: node bench/reconcile.ts [--large] [--leases N]
 */
import { parseArgs } from 'node:util'
import { catchUps } from './measured-reconcile.ts'

const { values: flags } = parseArgs({
  options: { large: { type: 'boolean', default: false }, leases: { type: 'string' } },
})
const sizes = flags.leases ? [Number(flags.leases)] : [100_000, 300_000, ...(flags.large ? [1_000_000] : [])]

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

let written = 0
for (const leases of sizes) {
  await catchUps(leases, 3, one => {
    if (one.catchUp === 'no change') written += one.serials
    process.stdout.write(`${JSON.stringify(one)}\n`)
  })
}
if (written > 0) process.exitCode = 1
