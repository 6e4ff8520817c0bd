/*
 * Notes when Leasehold does what for one lease. It is loaded before the program (`--import`), which is not changed for it:
 *
 *     request    the head of a request was read         http.server.request.start of node:diagnostics_channel
 *     parsed     a JSON text was parsed                 JSON.parse
 *     log        lines go to the log's file             FileHandle.write
 *     synced     they are on disk                       its promise
 *     hmac       a message is built, and is signed      createHmac
 *     send A     an UPDATE of the name goes out          Socket.write; `send PTR` and so on of the PTR
 *     sent A     it is with the kernel                  its return
 *     answer A   its answer came                        the event `data`
 *     202        the request was answered               http.server.response.finish
 *
 * When the second answer has come, all that was noted since the request goes to stderr as one line of JSON: pairs of a word
 * and a time in milliseconds, on the clock that all processes of a machine share. The port of the DNS server is in STEPS_PORT.
 */
import crypto from 'node:crypto'
import diagnostics from 'node:diagnostics_channel'
import { readlinkSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { Socket } from 'node:net'

const PORT = Number(process.env.STEPS_PORT)
const LOG = /\/log[^/]*$/
/** The answers that end a lease: of its name, and of its PTR. */
const ANSWERS = 2
const UPDATE = 5
/** Bytes before the zone of a message: its length, and its header. */
const HEADED = 14

let marks: [what: string, at: number][] = []
let answers = 0

const mark = (what: string): void => void marks.push([what, Number(process.hrtime.bigint()) / 1e6])

diagnostics.subscribe('http.server.request.start', message => {
  const { request } = message as { request: { method: string } }
  if (request.method !== 'POST') return
  marks = []
  answers = 0
  mark('request')
})
diagnostics.subscribe('http.server.response.finish', () => mark('202'))

const { parse } = JSON
JSON.parse = (...args) => {
  const value = parse(...args)
  mark('parsed')
  return value
}

const { createHmac } = crypto
crypto.createHmac = (...args: Parameters<typeof createHmac>) => {
  mark('hmac')
  return createHmac(...args)
}
syncBuiltinESMExports()

// The class of open files has no name outside of node: it is that of any of them.
const any = await open('/dev/null')
const files = Object.getPrototypeOf(any) as { write(...args: unknown[]): Promise<unknown> }
await any.close()
const paths = new WeakMap<object, string>()
const { write } = files
files.write = async function (this: { fd: number }, ...args: unknown[]) {
  const path = paths.get(this) ?? readlinkSync(`/proc/self/fd/${this.fd}`)
  paths.set(this, path)
  const isLog = LOG.test(path)
  if (isLog) mark('log')
  const result = await write.apply(this, args)
  if (isLog) mark('synced')
  return result
}

/** The zones of the UPDATE messages in some bytes, each behind its length (RFC 2136 §2): `A` or `PTR`. Queries are left out. */
const zonesIn = (bytes: unknown): string[] => {
  const zones: string[] = []
  if (!Buffer.isBuffer(bytes)) return zones
  for (let at = 0; at + HEADED < bytes.length; at += 2 + bytes.readUInt16BE(at)) {
    if (((bytes[at + 4]! >> 3) & 15) !== UPDATE) continue
    const [zone = ''] = bytes.toString('latin1', at + HEADED).split('\0')
    zones.push(zone.endsWith('arpa') ? 'PTR' : 'A')
  }
  return zones
}

const answered = (bytes: Buffer): void => {
  for (const zone of zonesIn(bytes)) {
    mark(`answer ${zone}`)
    answers++
    if (answers !== ANSWERS) continue
    const line = `${JSON.stringify(marks)}\n`
    setImmediate(() => process.stderr.write(line))
  }
}

const watched = new WeakSet<Socket>()
const { connect, write: send } = Socket.prototype
// Node gives it the options in a list; what is written before the connection stands has no port yet.
Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
  const [{ port }] = args.flat() as [{ port?: number }]
  if (port === PORT) {
    watched.add(this)
    this.on('data', answered)
  }
  return Reflect.apply(connect, this, args)
}
Socket.prototype.write = function (this: Socket, ...args: unknown[]) {
  const zones = watched.has(this) ? zonesIn(args[0]) : []
  for (const zone of zones) mark(`send ${zone}`)
  const result = Reflect.apply(send, this, args)
  for (const zone of zones) mark(`sent ${zone}`)
  return result
}
