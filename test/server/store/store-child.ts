// A program that opens a store and holds it: prints `open`, or why it could not, as one line.
import { MEMORY } from '../../../lib/reconcile/memory.ts'
import { Store } from '../../../server/store/store.ts'

const [folder = ''] = process.argv.slice(2)
try {
  await Store.open(folder, { memory: MEMORY, now: Date.now })
  console.log(`open ${process.pid}`)
  setInterval(() => {}, 1000)
} catch (error) {
  console.log((error as Error).message)
  process.exitCode = 1
}
