import { readFileSync } from 'node:fs'
import type { Issue } from '../../lib/bad-input.ts'
import type { Secret } from '../../schemas/secret.ts'

export type Environment = Readonly<Record<string, string | undefined>>

type Read = { secret: string } | { field: string; expected: string; found: string }

const unreadable = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'an error'

const fromFile = (file: string, field: string): Read => {
  try {
    return { secret: readFileSync(file, 'utf8') }
  } catch (error) {
    return { field, expected: 'a file that can be read', found: `${unreadable(error)} at ${file}` }
  }
}

const fromEnv = (name: string, field: string, env: Environment): Read => {
  const secret = env[name]
  if (secret !== undefined) return { secret }
  return { field, expected: 'a variable of the environment', found: `none that is called ${name}` }
}

const read = (secret: Secret, field: string, env: Environment): Read => {
  if (typeof secret === 'string') return { secret }
  return 'file' in secret ? fromFile(secret.file, `${field}.file`) : fromEnv(secret.env, `${field}.env`, env)
}

/** What a secret must look like, and how that is called. */
export interface Form {
  is: string
  fits: (secret: string) => boolean
}

/** As it can stand in an Authorization header. */
export const BEARER: Form = { is: 'visible ASCII characters without spaces', fits: text => /^[!-~]+$/.test(text) }

/** Whatever Kea was given. */
export const PASSWORD: Form = { is: 'a text', fits: () => true }

/** As in a BIND key file; spaces count for nothing. */
export const BASE64: Form = {
  is: 'base64, as in a BIND key file',
  fits: text => {
    const plain = text.replace(/\s+/g, '')
    return /^[A-Za-z0-9+/]+={0,2}$/.test(plain) && plain.replace(/=+$/, '').length % 4 !== 1
  },
}

/**
 * The text of a secret, without one trailing newline. What is wrong is added to `issues`, with the place and never the
 * text, and the answer is then empty.
 */
export const resolveSecret = (secret: Secret, field: string, form: Form, env: Environment, issues: Issue[]): string => {
  const got = read(secret, field, env)
  if (!('secret' in got)) {
    issues.push(got)
    return ''
  }
  const text = got.secret.replace(/\r?\n$/, '')
  if (text !== '' && form.fits(text)) return text
  issues.push({ field, expected: form.is, found: text === '' ? 'nothing in it' : 'something else' })
  return ''
}
