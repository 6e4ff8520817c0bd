import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import { BadInput } from '../../lib/bad-input.ts'
import { issuesOf } from '../issues.ts'

/** Checks what comes in by zod, in words about fields, and writes what goes out as it is: types answer for it. */
export const useSchemas = (app: FastifyInstance): void => {
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart = 'request' }) => input => {
    const parsed = schema.safeParse(input)
    if (parsed.success) return { value: parsed.data }
    return { error: new BadInput(issuesOf(parsed.error.issues, input, httpPart)) }
  })
  app.setSerializerCompiler(() => JSON.stringify)
}
