/*
 * `leasehold store copy` and `leasehold store verify`: an estate is moved, or looked at, without a Leasehold that runs.
 */

import { readFileSync } from 'node:fs'
import { MEMORY } from '../../lib/reconcile/memory.ts'
import { loadConfig } from '../config/load.ts'
import {
  copyEstate,
  type Digest,
  digestOf,
  PlaceRefused,
  placeFrom,
  readPlace,
  type StorePlace,
  shownPlace,
} from '../store/places.ts'
import { CommandFailed, EXIT, type ExitCode, type Terminal } from './terminal.ts'

export interface CopyOptions {
  from: string
  to: string
  passwordFile?: string
  json?: true
}

export interface VerifyOptions {
  config?: string
  passwordFile?: string
  json?: true
}

const passwordFrom = (file: string | undefined): string | undefined => {
  try {
    return file === undefined ? undefined : readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new CommandFailed(`--password-file: ${file} cannot be read (${code})`, EXIT.use)
  }
}

/** @throws CommandFailed; the text is not shown, as it may hold a password */
const placeOption = (option: string, text: string, password: string | undefined): StorePlace => {
  const place = placeFrom(text, password)
  if (!place) throw new CommandFailed(`${option}: expected json:FOLDER or postgres://USER@HOST/DATABASE`, EXIT.use)
  return place
}

const countsOf = ({ counts }: Digest): string =>
  Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ')

const SQL_STATE = /^[0-9A-Z]{5}$/
const REFUSED_BY_NETWORK = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ECONNRESET',
  'EAI_AGAIN',
])

/** What went wrong, with the exit code that says so. */
const failed = (error: Error): CommandFailed => {
  const { code = '' } = error as NodeJS.ErrnoException
  if (error instanceof PlaceRefused) return new CommandFailed(error.message, error.nothing ? EXIT.nothing : EXIT.no)
  if (code.startsWith('28') && SQL_STATE.test(code)) return new CommandFailed(error.message, EXIT.forbidden)
  const isAway = REFUSED_BY_NETWORK.has(code) || /timeout|terminated/i.test(error.message)
  return new CommandFailed(error.message || code, isAway ? EXIT.unreachable : EXIT.no)
}

/** `leasehold store copy` */
export const copy = async (options: CopyOptions, { write }: Terminal): Promise<ExitCode> => {
  const password = passwordFrom(options.passwordFile)
  const [from, to] = [placeOption('--from', options.from, password), placeOption('--to', options.to, password)]
  const [before, after] = await copyEstate(from, to, { memory: MEMORY, now: Date.now }).catch(error => {
    throw failed(error as Error)
  })
  const isSame = before.hash === after.hash
  if (options.json) write(`${JSON.stringify({ same: isSame, from: before, to: after })}\n`)
  else if (isSame)
    write(`Copied ${shownPlace(from)} to ${shownPlace(to)}: ${countsOf(after)}.\nBoth have the hash ${after.hash}.\n`)
  if (isSame) return EXIT.done
  const differing = `${shownPlace(from)} has ${countsOf(before)}; ${shownPlace(to)} has ${countsOf(after)}`
  throw new CommandFailed(`what was read back is not what was written: ${differing}`, EXIT.no)
}

/** `leasehold store verify` */
export const verify = async (
  text: string | undefined,
  options: VerifyOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  const password = passwordFrom(options.passwordFile)
  const place = text === undefined ? configured(options, terminal) : placeOption('PLACE', text, password)
  const digest = await readPlace(place)
    .then(digestOf)
    .catch(error => {
      throw failed(error as Error)
    })
  if (options.json) terminal.write(`${JSON.stringify(digest)}\n`)
  else terminal.write(`${shownPlace(place)} is whole: ${countsOf(digest)}.\nIts hash is ${digest.hash}.\n`)
  return EXIT.done
}

const configured = ({ config }: VerifyOptions, { env }: Terminal): StorePlace => {
  const { store } = loadConfig({ file: config, env })
  return store.kind === 'json' ? { kind: 'json', folder: store.path } : { kind: 'postgres', settings: store }
}
