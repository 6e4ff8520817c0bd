/* The names of a day in a process of their own: it prints where it listens, and ends when its input does. */

import { dayOf } from './face.ts'

const face = await dayOf()
process.stdout.write(`${face.url}\n`)
process.stdin.resume().on('end', face.close)
