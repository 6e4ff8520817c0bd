import { readFileSync, writeFileSync } from 'node:fs'
import { configSchemaText } from './config-schema-text.ts'

const FILE = new URL('../schemas/leasehold.schema.json', import.meta.url)

const current = (): string => {
  try {
    return readFileSync(FILE, 'utf8')
  } catch {
    return ''
  }
}

const text = configSchemaText()
if (!process.argv.includes('--check')) writeFileSync(FILE, text)
else if (current() !== text) {
  console.error('schemas/leasehold.schema.json is not what zod says. Run `npm run schema` and commit the file.')
  process.exitCode = 1
}
