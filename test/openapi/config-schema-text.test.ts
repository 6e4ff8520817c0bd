import { readFileSync } from 'node:fs'
import t from 'tap'
import { configSchemaText } from '../../openapi/config-schema-text.ts'

t.test('the JSON Schema that is shipped is what zod says', async t => {
  const text = configSchemaText()
  t.equal(readFileSync(new URL('../../schemas/leasehold.schema.json', import.meta.url), 'utf8'), text)
  const schema = JSON.parse(text)
  t.strictSame(Object.keys(schema.properties).includes('$schema'), true)
  t.equal(schema.additionalProperties, false)
  t.notMatch(schema.required ?? [], ['http'], 'what has a default may be left out')
})
