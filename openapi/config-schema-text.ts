import { z } from 'zod'
import { Config } from '../schemas/config/leasehold.ts'

/** The JSON Schema of leasehold.json as a text, made from the zod schema that checks it. */
export const configSchemaText = (): string => {
  const schema = z.toJSONSchema(Config, { io: 'input' })
  const about = { title: 'leasehold.json', description: 'The configuration of Leasehold.' }
  return `${JSON.stringify({ $schema: schema.$schema, ...about, ...schema }, null, 2)}\n`
}
