import { readFileSync, writeFileSync } from 'node:fs'
import { documentText } from './document-text.ts'

const FILE = new URL('openapi.json', import.meta.url)

const current = (): string => {
  try {
    return readFileSync(FILE, 'utf8')
  } catch {
    return ''
  }
}

const text = await documentText()
if (!process.argv.includes('--check')) writeFileSync(FILE, text)
else if (current() !== text) {
  console.error('openapi/openapi.json is not what the routes say. Run `npm run openapi` and commit the file.')
  process.exitCode = 1
}
