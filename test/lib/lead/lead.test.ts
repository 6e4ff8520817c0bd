import fc from 'fast-check'
import t from 'tap'
import { BEAT, between, IDLE, isSure, type Moment, SURE } from '../../../lib/lead/lead.ts'

const at = (ms: number): Moment => ({ steady: ms, wall: ms })

const ROWS: [heard: Moment | null, now: Moment, sure: boolean, why: string][] = [
  [null, at(0), false, 'nothing was ever heard'],
  [at(0), at(0), true, 'just heard'],
  [at(0), at(SURE - 1), true, 'heard in time'],
  [at(0), at(SURE), false, 'not in time'],
  [at(0), { steady: 10, wall: SURE }, false, 'the machine slept: its steady clock stood still'],
  [at(0), { steady: SURE, wall: -50_000 }, false, 'somebody set the clock back'],
]

for (const [heard, now, sure, why] of ROWS) t.test(`sure or not: ${why}`, async t => t.equal(isSure(heard, now), sure))

t.test('the times fit each other', async t => {
  t.ok(BEAT < SURE, 'a beat that is late by less than a second costs nothing')
  t.ok(SURE < IDLE, 'who is sure has the lock')
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), fc.nat(), fc.nat(), async (a, b, c, d) => {
      const [from, to] = [
        { steady: a, wall: b },
        { steady: a + c, wall: b + d },
      ]
      return between(from, to) === Math.max(c, d)
    }),
  )
})

/*
 * The model: a database with one lock and an epoch, and two nodes that share it. Any of the actions that are possible can come
 * next, so all interleavings are walked, over so much time that a lock is lost and got again.
 */
const STEP = 500
const LAST = 8
const MESSAGES = 3

interface Node {
  /** The epoch in which it believes to lead; null when it does not. */
  epoch: number | null
  /** When its open question was asked; whether the database has heard it. */
  asked: number | null
  isHeard: boolean
  heard: number | null
  isStopped: boolean
  /** A message that it began and that is not out yet. */
  inHand: number | null
}

interface World {
  now: number
  holder: 0 | 1 | null
  lastHeard: number
  epoch: number
  left: number
  nodes: [Node, Node]
}

const begun: Node = { epoch: null, asked: null, isHeard: false, heard: null, isStopped: false, inHand: null }
const START: World = { now: 0, holder: null, lastHeard: 0, epoch: 0, left: MESSAGES, nodes: [begun, begun] }

const withNode = (world: World, i: 0 | 1, node: Partial<Node>, more: Partial<World> = {}): World => {
  const nodes = [...world.nodes] as [Node, Node]
  nodes[i] = { ...nodes[i], ...node }
  return { ...world, nodes, ...more }
}

const lostLock: Partial<Node> = { epoch: null, asked: null, isHeard: false, heard: null }

/** What a commit and a message must never be; empty when all is well. */
const wrong: string[] = []

/** All worlds that can come next, each with what was done. `sure` is the rule that is tried. */
function* nexts(world: World, sure: typeof isSure): Generator<[done: string, next: World]> {
  const { now, holder, lastHeard, epoch, left } = world
  // Time goes on; the database ends a session on which nothing was heard.
  if (now < LAST) {
    const isOver = holder !== null && (now + 1 - lastHeard) * STEP >= IDLE
    yield ['time', { ...world, now: now + 1, holder: isOver ? null : holder }]
  }
  for (const i of [0, 1] as const) {
    const node = world.nodes[i]
    if (node.isStopped) {
      yield [`${i} wakes`, withNode(world, i, { isStopped: false })]
    } else {
      yield [`${i} is stopped`, withNode(world, i, { isStopped: true })]
      if (node.epoch === null && holder === null)
        yield [
          `${i} leads`,
          withNode(
            world,
            i,
            { ...lostLock, epoch: epoch + 1, heard: now },
            { holder: i, lastHeard: now, epoch: epoch + 1 },
          ),
        ]
      if (node.epoch !== null && node.asked === null)
        yield [`${i} asks`, withNode(world, i, { asked: now, isHeard: false })]
      if (node.asked !== null && node.isHeard)
        yield [`${i} is answered`, withNode(world, i, { asked: null, isHeard: false, heard: node.asked })]
      if (node.epoch !== null && holder !== i && node.asked !== null && !node.isHeard)
        yield [`${i} hears that its session is over`, withNode(world, i, lostLock)]
      if (left > 0 && node.inHand === null && node.epoch !== null) {
        const heard = node.heard === null ? null : at(node.heard * STEP)
        if (sure(heard, at(now * STEP))) {
          if (holder !== i) wrong.push(`${i} begins a message at ${now} without the lock`)
          yield [`${i} begins a message`, withNode(world, i, { inHand: now }, { left: left - 1 })]
        }
      }
      if (node.inHand !== null) yield [`${i} sends it`, withNode(world, i, { inHand: null })]
      // A commit is taken where its epoch is the newest; it changes nothing here.
      if (node.epoch === epoch && holder !== i && holder !== null) wrong.push(`${i} commits though ${holder} leads`)
    }
    // What a node asked is on its way whatever becomes of the node.
    if (node.asked !== null && !node.isHeard && holder === i && node.epoch === epoch)
      yield [`the database hears ${i}`, withNode(world, i, { isHeard: true }, { lastHeard: now })]
  }
}

/** Walks all worlds that can be reached; gives how many there are. */
const walk = (sure: typeof isSure): number => {
  wrong.length = 0
  const seen = new Set<string>()
  const open = [START]
  for (let world = open.pop(); world; world = open.pop()) {
    for (const [, next] of nexts(world, sure)) {
      const key = JSON.stringify(next)
      if (seen.has(key)) continue
      seen.add(key)
      open.push(next)
    }
    if (wrong.length > 0) break
  }
  return seen.size
}

t.test('in no interleaving do two write', async t => {
  const count = walk(isSure)
  t.strictSame(wrong, [])
  t.comment(`${count} worlds`)
  t.ok(count > 10_000, 'many were walked')
})

t.test('the model notices a rule that is too weak', async t => {
  walk((heard, now) => heard !== null && between(heard, now) < IDLE + STEP)
  t.match(wrong[0], /begins a message at \d+ without the lock/, 'one that trusts longer than the lock lasts')
  walk(heard => heard !== null)
  t.match(wrong[0], /without the lock/, 'one that does not ask for the time')
})
