/*
 * Makes openapi.json from the routes, and from that the types of the client; with `--check` it says whether they are so.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import openapiTypes, { astToString } from 'openapi-typescript'
import { documentText } from './document-text.ts'

const HEAD = '/* What the API takes and answers, as types. Made from openapi.json by `npm run openapi`. */\n\n'

const text = await documentText()
const types = HEAD + astToString(await openapiTypes(JSON.parse(text)))

const FILES = [
  ['openapi.json', text],
  ['types.ts', types],
] as const

const current = (file: URL): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

for (const [name, made] of FILES) {
  const file = new URL(name, import.meta.url)
  if (!process.argv.includes('--check')) writeFileSync(file, made)
  else if (current(file) !== made) {
    console.error(`openapi/${name} is not what the routes say. Run \`npm run openapi\` and commit the file.`)
    process.exitCode = 1
  }
}
