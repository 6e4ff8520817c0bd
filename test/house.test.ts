/*
 * The rules of the house, as this repository keeps them. Each rule says why it is there, what it looks for, and has a
 * sample that breaks it and one that does not, so that it is seen to be able to fail.
 */
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { PolicyFields } from '../schemas/model/policy.ts'
import { type File, fileOf, isProduct, RULES, type Sources } from './house-rules.ts'

const filesOf = (sources: Sources): File[] => Object.entries(sources).map(([path, text]) => fileOf(path, text))

/** What breaks which rule, where and why the rule is there. */
const faultsOf = (files: File[], rules = RULES): string[] =>
  rules.flatMap(({ rule, why, find }) =>
    find(files).map(({ path, line, what }) => `${path}:${line} ${what}. Rule: ${rule}. Why: ${why}.`),
  )

const ROOT = new URL('../', import.meta.url)

const FOLDERS = ['schemas', 'lib', 'server', 'test', 'bench', 'openapi']

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'Dockerfile',
  'docker-compose.yml',
  '.ci/run',
  'SECURITY.md',
]

const isFile = (path: string): boolean => /\.\w+$/.test(path)

/** Not read: this file, which holds the wrong samples, the fixtures, which were recorded, and openapi.json. */
const isRead = (path: string): boolean =>
  path !== 'test/house-rules.ts' && !path.startsWith('test/fixtures/') && !path.endsWith('.json')

const repository = (): File[] => {
  const paths = FOLDERS.flatMap(folder =>
    readdirSync(new URL(folder, ROOT), { recursive: true }).map(path => `${folder}/${path}`),
  )
  return [...paths.filter(isFile), ...PAGES].map(path =>
    fileOf(path, isRead(path) ? readFileSync(new URL(path, ROOT), 'utf8') : ''),
  )
}

for (const rule of RULES) {
  t.test(`seen to fail: ${rule.rule}`, async t => {
    const [first] = faultsOf(filesOf(rule.wrong), [rule])
    t.match(first, `Rule: ${rule.rule}. Why: ${rule.why}.`, 'a wrong sample breaks it')
    t.ok(Object.keys(rule.wrong).some(path => first?.startsWith(`${path}:`)))
    t.strictSame(faultsOf(filesOf(rule.right)), [], 'a right sample breaks none')
  })
}

t.test('the repository keeps every rule', async t => {
  const files = repository()
  t.ok(files.filter(isProduct).length > 100, 'the product was read')
  t.strictSame(faultsOf(files), [])
})

t.test('docs/policy.md tells every policy field', async t => {
  const policy = readFileSync(new URL('docs/policy.md', ROOT), 'utf8')
  t.strictSame(
    Object.keys(PolicyFields.shape).filter(field => !policy.includes(`\`${field}\``)),
    [],
  )
})
