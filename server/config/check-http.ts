import type { Issue } from '../../lib/bad-input.ts'
import type { Config } from '../../schemas/config.ts'
import { duplicates } from './duplicates.ts'
import { isLoopback } from './loopback.ts'

export const checkHttp = ({ http }: Config): Issue[] => [
  ...duplicates(
    http.tokens,
    token => token.name,
    i => `http.tokens[${i}].name`,
  ),
  ...(http.tokens.length > 0 || isLoopback(http.host)
    ? []
    : [
        {
          field: 'http.tokens',
          expected: `at least one token, as http.host (${http.host}) is not loopback`,
          found: 'none',
        },
      ]),
]
