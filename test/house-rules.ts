/*
 * The rules of the house, each with what breaks it and what keeps it.
 */
import { posix } from 'node:path'

export interface File {
  path: string
  text: string
  /** The text without its comments; `bare` is also without what stands in quotes. Lines stay where they are. */
  code: string
  bare: string
}

interface Fault {
  path: string
  line: number
  what: string
}

/** Sources by path. */
export type Sources = Record<string, string>

interface Rule {
  rule: string
  why: string
  find(files: File[]): Fault[]
  wrong: Sources
  right: Sources
}

const TOKEN = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g

const blank = (text: string): string => text.replace(/[^\n]/g, ' ')

export const fileOf = (path: string, text: string): File => ({
  path,
  text,
  code: text.replace(TOKEN, token => (token.startsWith('/') ? blank(token) : token)),
  bare: text.replace(TOKEN, token => (token.startsWith('`') ? token : blank(token))),
})

const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length

const matches = ({ path }: File, text: string, pattern: RegExp, what: (found: string) => string): Fault[] =>
  [...text.matchAll(pattern)].map(({ 0: found, index }) => ({ path, line: lineAt(text, index), what: what(found) }))

const FLOORS = ['schemas', 'lib', 'server']

const floorOf = (path: string): number => FLOORS.indexOf(path.split('/')[0]!)

export const isProduct = ({ path }: File): boolean => floorOf(path) >= 0 && path.endsWith('.ts')

interface Import {
  from: File
  line: number
  /** The path of a file of the repository, or the name of a package. */
  to: string
  clause: string
}

const IMPORT = /\b(?:import|export)\b([^'";]*?)\bfrom\s*'([^']+)'|\bimport\s*\(?\s*'([^']+)'/g

const importsOf = (from: File): Import[] =>
  [...from.code.matchAll(IMPORT)].map(({ 1: clause = '', 2: named, 3: bare, index }) => {
    const name = (named ?? bare)!
    const to = name.startsWith('.') ? posix.join(posix.dirname(from.path), name) : name
    return { from, line: lineAt(from.code, index), to, clause }
  })

const faultyImports = (files: File[], what: (one: Import) => string | null): Fault[] =>
  files.flatMap(importsOf).flatMap(one => {
    const found = what(one)
    return found === null ? [] : [{ path: one.from.path, line: one.line, what: found }]
  })

/** Rooms of server/ from the bottom up: a room may import those before it. A file of server/ itself is a room. */
const ROOMS =
  'logger log version slices net config store audit backends control gate scopes pace metrics engine policies timers publish reconcile intake intents leadership sources findings webhooks http start cli main demo'.split(
    ' ',
  )

const roomOf = (path: string): string => path.split('/')[1]!.replace(/\.ts$/, '')

const upward = ({ from, to }: Import): string | null => {
  if (floorOf(to) !== FLOORS.indexOf('server')) return null
  const [here, there] = [roomOf(from.path), roomOf(to)]
  for (const room of [here, there]) if (!ROOMS.includes(room)) return `${room} has no place in ROOMS of this test yet`
  return ROOMS.indexOf(there) > ROOMS.indexOf(here) ? `${here} imports ${there}, which stands above it` : null
}

/** What a floor may import from outside: of a package everything (`true`), or some names only. */
const ALLOWED: Record<string, Record<string, true | string[]>> = {
  schemas: { zod: true },
  lib: {
    zod: true,
    'node:crypto': ['createHash', 'createHmac', 'createSecretKey', 'hash', 'timingSafeEqual', 'Hmac', 'KeyObject'],
    'node:net': ['isIP', 'isIPv4', 'isIPv6'],
    'node:url': ['domainToASCII'],
  },
}

const impureImport = ({ from, to, clause }: Import): string | null => {
  if (/^(?:schemas|lib|server)\//.test(to)) return null
  const allowed = ALLOWED[from.path.split('/')[0]!]?.[to]
  if (allowed === true) return null
  const names = clause.replace(/\b(?:type|as \w+)\b|[{}]/g, '').split(',')
  const others = names.map(name => name.trim()).filter(name => name !== '' && !allowed?.includes(name))
  return allowed && others.length === 0 && names.length > 0 ? null : `imports ${others.join(', ')} of ${to}`
}

const IMPURE =
  /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\b|\bprocess\s*[.[]|\bMath\.random\b|\bconsole\.|\bset(?:Timeout|Interval|Immediate)\b|\bfetch\(|\brandom(?:UUID|Bytes|Int)\b|\bLogger\b/g

const circles = (files: File[]): Fault[] => {
  const graph = new Map(files.map(file => [file.path, importsOf(file).map(({ to }) => to)]))
  const done = new Set<string>()
  const found: Fault[] = []
  const visit = (path: string, way: string[]): void => {
    const at = way.indexOf(path)
    if (at >= 0) found.push({ path, line: 1, what: [...way.slice(at), path].join(' imports ') })
    if (at >= 0 || done.has(path)) return
    done.add(path)
    for (const next of graph.get(path) ?? []) visit(next, [...way, path])
  }
  for (const path of graph.keys()) visit(path, [])
  return found
}

const TYPE = /^(?:(export) )?(?:declare )?(?:abstract )?(?:interface|type|class) (\w+)/gm

/** Private names that every file may use: what a part is given, and a row of the table beside it. */
const EVERYWHERE = ['Deps', 'Options']

const manyMeanings = (files: File[]): Fault[] => {
  const places = new Map<string, Fault[]>()
  for (const { path, code } of files) {
    for (const { 1: exported, 2: name, index } of code.matchAll(TYPE)) {
      if (!exported && EVERYWHERE.includes(name!)) continue
      const fault = { path, line: lineAt(code, index), what: `${name} is declared here` }
      places.set(name!, [...(places.get(name!) ?? []).filter(one => one.path !== path), fault])
    }
  }
  return [...places.values()].filter(one => one.length >= 3).flat()
}

const MOST_LINES = 300

/** Paths that stand on one machine only, pages that are not in the repository, and notes to oneself. */
const FOREIGN =
  /(?<![\w.$}])\/(?:root|home|work|Users)\/\w[\w./-]*|\b(?:DESIGN|HOUSE|FAULTS)\b(?:\.md)?|\bFACTS\.md\b|\b(?:TODO|FIXME|XXX)\b|\b(?:yesterday|(?:this|last|previous) session)\b/g

const PATH = /(?<![\w/.-])(?:schemas|lib|server|test|bench|openapi)\/\w[\w./-]*/g

/** Paths in pages and in comments that lead nowhere. */
const deadPaths = (files: File[]): Fault[] => {
  const there = new Set(files.flatMap(({ path }) => path.split('/').map((_, i, all) => all.slice(0, i + 1).join('/'))))
  return files.flatMap(file => {
    const isPage = file.path.endsWith('.md')
    if (!isPage && !isProduct(file)) return []
    const comments = file.text.replace(/[^\n]/g, (char, i: number) => (file.code[i] === char ? ' ' : char))
    const found = matches(file, isPage ? file.text : comments, PATH, path => path.replace(/[./]+$/, ''))
    return found.flatMap(fault => (there.has(fault.what) ? [] : [{ ...fault, what: `${fault.what} is not there` }]))
  })
}

const SUBJECT = /^test\/((?:schemas|lib|server)\/.*)\.test\.ts$/

/** `test/lib/plan/plan-order.test.ts` is about lib/plan/plan.ts: its name is the subject's, and perhaps more words. */
const strayTests = (files: File[]): Fault[] => {
  const subjects = new Set(files.map(({ path }) => path.replace(/\.\w+$/, '')))
  return files.flatMap(({ path }) => {
    const [, name] = SUBJECT.exec(path) ?? []
    if (name === undefined) return []
    const words = name.split('-')
    const isThere = words.some((_, i) => subjects.has(words.slice(0, i + 1).join('-')))
    return isThere ? [] : [{ path, line: 1, what: `there is no ${name}.ts, nor one whose name begins it` }]
  })
}

/** All that the program may use of openapi/: the client that everybody speaks with, and the answers that the document shows. */
const OF_OPENAPI = ['openapi/client.ts', 'openapi/answers.json']

export const RULES: Rule[] = [
  {
    rule: 'imports go one way: schemas, then lib, then server',
    why: 'lib/ decides and can be tried without the effects of server/; schemas/ only says what data looks like',
    find: files =>
      faultyImports(files.filter(isProduct), ({ from, to }) =>
        floorOf(to) > floorOf(from.path) || (/^(?:test|bench|openapi)\//.test(to) && !OF_OPENAPI.includes(to))
          ? `imports ${to}`
          : null,
      ),
    wrong: { 'lib/plan/a.ts': "import type { B } from '../../server/b.ts'", 'server/b.ts': '' },
    right: { 'lib/plan/a.ts': "import { b } from '../../schemas/b.ts' // not '../../server/b.ts'", 'schemas/b.ts': '' },
  },
  {
    rule: 'no circle of imports',
    why: 'of files in a circle none can be read first, and none can be used alone',
    find: files => circles(files.filter(isProduct)),
    wrong: { 'lib/a.ts': "import { b } from './b.ts'", 'lib/b.ts': "export { a } from './a.ts'" },
    right: { 'lib/a.ts': "import { b } from './b.ts'", 'lib/b.ts': '', 'lib/c.ts': "import { b } from './b.ts'" },
  },
  {
    rule: 'a room of server imports only rooms that stand below it',
    why: 'the store is the only hub: what comes after it listens to it, and start.ts alone puts the parts together',
    find: files =>
      faultyImports(
        files.filter(({ path }) => path.startsWith('server/') && path.endsWith('.ts')),
        upward,
      ),
    wrong: { 'server/store/a.ts': "import { b } from '../http/b.ts'", 'server/http/b.ts': '' },
    right: { 'server/http/a.ts': "import { b } from '../store/b.ts'", 'server/store/b.ts': '' },
  },
  {
    rule: 'lib and schemas import nothing that does something',
    why: 'a decision that does I/O cannot be tried out, nor derived again after a crash',
    find: files =>
      faultyImports(
        files.filter(file => isProduct(file) && !file.path.startsWith('server/')),
        impureImport,
      ),
    wrong: { 'lib/a.ts': "import { isIP, createServer } from 'node:net'" },
    right: { 'lib/a.ts': "import { isIP, isIPv6 as six } from 'node:net'" },
  },
  {
    rule: 'lib and schemas have no clock, chance, environment or logger',
    why: '`now` and randomness are arguments, so that any moment can be tried and the same input gives the same answer',
    find: files =>
      files
        .filter(file => isProduct(file) && !file.path.startsWith('server/'))
        .flatMap(file => matches(file, file.bare, IMPURE, found => `uses ${found}`)),
    wrong: { 'lib/a.ts': '/** ok */\nexport const a = () => new Date()' },
    right: { 'lib/a.ts': "/** Not Date.now(). */\nexport const a = (at: number) => [new Date(at), 'process.env']" },
  },
  {
    rule: `no product file has more than ${MOST_LINES} lines`,
    why: 'a file is a chapter that is read at one sitting',
    find: files =>
      files.filter(isProduct).flatMap(({ path, text }) => {
        const line = text.trimEnd().split('\n').length
        return line > MOST_LINES ? [{ path, line, what: `has ${line} lines` }] : []
      }),
    wrong: { 'lib/a.ts': 'export {}\n'.repeat(MOST_LINES + 1) },
    right: { 'lib/a.ts': 'export {}\n'.repeat(MOST_LINES) },
  },
  {
    rule: 'no type is declared in three files',
    why: 'a word that means three things has to be looked up each time it is read',
    find: files => manyMeanings(files.filter(isProduct)),
    wrong: { 'lib/a.ts': 'type Part = 1', 'lib/b.ts': 'export interface Part {}', 'server/c.ts': 'interface Part {}' },
    right: { 'lib/a.ts': 'interface Deps {}', 'lib/b.ts': 'interface Deps {}', 'server/c.ts': 'interface Deps {}' },
  },
  {
    rule: 'nothing names a path of one machine, a page that is not here, or a note to oneself',
    why: 'whoever reads it has only this repository',
    find: files => files.flatMap(file => matches(file, file.text, FOREIGN, found => `says ${found}`)),
    wrong: { 'server/a.ts': '/** As DESIGN has it. */' },
    right: { 'server/a.ts': "/** Of good design. */\nexport const a = 'https://example.net/home/page'" },
  },
  {
    rule: 'a path that a page or a comment names is there',
    why: 'whoever follows it should find something',
    find: deadPaths,
    wrong: { 'README.md': 'See `lib/plan/gone.ts`.', 'lib/plan/a.ts': '' },
    right: { 'README.md': 'See `lib/plan/a.ts`, lib/plan and /var/lib/kea.', 'lib/plan/a.ts': '' },
  },
  {
    rule: 'a test stands where its subject stands, and begins with its name',
    why: 'so the tests of a file are found without a search',
    find: strayTests,
    wrong: { 'test/lib/plan/b.test.ts': '', 'lib/plan/a.ts': '' },
    right: { 'test/lib/plan/a-order.test.ts': '', 'lib/plan/a.ts': '' },
  },
]
