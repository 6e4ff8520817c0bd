import { Writable } from 'node:stream'
import fc from 'fast-check'
import { pino } from 'pino'
import t from 'tap'
import { type Out, openLog } from '../../../server/log/open-log.ts'
import { captured } from './captured.ts'

const BREAKS = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u

const open = (format: 'auto' | 'json' | 'pretty', isTTY = false) => {
  const out = captured()
  return { log: openLog({ level: 'info', format }, Object.assign(out.stream as Out, { isTTY })), out }
}

t.test('JSON elsewhere, a readable line on a terminal, and what the configuration says before both', async t => {
  const line = { event: 'dns.published', verb: 'publish', name: 'a.b' }
  const isJson = (format: 'auto' | 'json' | 'pretty', isTTY: boolean) => {
    const { log, out } = open(format, isTTY)
    log.info(line, 'publish a.b')
    t.equal(out.lines().length, 1)
    return out.lines()[0]!.startsWith('{')
  }
  t.ok(isJson('auto', false))
  t.notOk(isJson('auto', true))
  t.ok(isJson('json', true))
  t.notOk(isJson('pretty', false))
})

t.test('a readable line says the sentence, and the fields that are not in it', async t => {
  const { log, out } = open('pretty')
  log.info({ event: 'dns.published', verb: 'publish', name: 'a.b', rule: 'lease-active' }, 'publish a.b')
  log.warn({ event: 'kea.silent', kea: 'kea1', service: 'dhcp4' }, 'kea1 is silent')
  log.error({ err: new Error('it broke') }, 'not taken')
  const [first, second, ...third] = out.lines()
  t.match(first, /INFO.*: publish a\.b$/)
  t.match(second, /WARN.*: kea1 is silent kea=kea1 service=dhcp4$/)
  t.match(third[0], /ERROR.*: not taken: Error: it broke$/)
  t.match(third[1], /^\s+at .*open-log\.test/, 'the stack of a mistake of ours is there')
})

t.test('a text of a client never breaks a line', async t => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({
      unit: fc.constantFrom('\n', '\r', '\u2028', '\u202e', '\u0085', '\u001b', '"', '\\', 'a', '{'),
      maxLength: 253,
    }),
  )
  const json = open('json')
  const pretty = open('pretty', true)
  process.env.NO_COLOR = '1'
  t.teardown(() => delete process.env.NO_COLOR)
  const plain = open('pretty', true)
  let calls = 0
  fc.assert(
    fc.property(texts, text => {
      for (const { log } of [json, pretty, plain]) {
        log.warn({ event: 'dns.conflict', name: text, deep: { [text]: [text] } }, `conflict ${text}`)
      }
      calls++
      const last = JSON.parse(json.out.lines().at(-1)!)
      return (
        json.out.lines().length === calls &&
        pretty.out.lines().length === calls &&
        plain.out.lines().length === calls &&
        !BREAKS.test(plain.out.lines().at(-1)!) &&
        !BREAKS.test(JSON.stringify(last))
      )
    }),
    { numRuns: 500 },
  )
  const name = 'x'.repeat(253)
  json.log.info({ name }, name)
  t.match(JSON.parse(json.out.lines().at(-1)!), { name, msg: name }, 'a name of 253 characters stands there whole')
})

t.test('a line of plain texts is the one that pino makes, and so is every other', async t => {
  const value = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.string({ unit: fc.constantFrom('a', '"', '\\', '%', 's', '{'), maxLength: 9 }),
    fc.integer(),
    fc.constantFrom(null, undefined, true, Number.NaN, 'x'.repeat(1999)),
    fc.array(fc.integer(), { maxLength: 2 }),
  )
  const fields = fc.dictionary(fc.constantFrom('name', 'verb', 'was', 'x"y', 'time2'), value)
  const message = fc.oneof(fc.constant('publish a.b'), fc.string({ unit: fc.constantFrom('a', '"', '%', 's', '\\') }))
  const theirs = captured()
  const oracle = pino({ base: undefined }, theirs.stream)
  const { log, out } = open('json')
  const timeless = (line: string | undefined) => line?.replace(/"time":\d+/, '')
  let wasFast = 0
  fc.assert(
    fc.property(fields, message, (fields, message) => {
      log.info(fields, message)
      oracle.info(fields, message)
      if (message === 'publish a.b') wasFast++
      return timeless(out.lines().at(-1)) === timeless(theirs.lines().at(-1))
    }),
    { numRuns: 1000 },
  )
  t.ok(wasFast > 100)
})

t.test('nor does the message of an error', async t => {
  const { log, out } = open('json')
  log.error({ err: new Error('no\nroot logged in\u202e') }, 'not taken')
  log.error(new Error('no\nroot logged in\u202e'))
  t.equal(out.lines().length, 2)
  for (const line of out.lines()) {
    const { err } = JSON.parse(line)
    t.equal(err.message, 'no\\u000aroot logged in\\u202e')
    t.match(err.stack.split('\n')[0], /^Error: no\\u000aroot/)
  }
})

t.test('what a stream that is no terminal takes is JSON by default', async t => {
  const { log, out } = open('auto')
  t.ok(out.stream instanceof Writable)
  log.info('plain')
  t.match(JSON.parse(out.lines()[0]!), { msg: 'plain', level: 30 })
})
