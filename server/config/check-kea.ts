import type { Issue } from '../../lib/bad-input.ts'
import type { Config } from '../../schemas/config.ts'
import type { KeaConfig } from '../../schemas/kea-config.ts'
import { duplicates } from './duplicates.ts'

type Check = (kea: KeaConfig, at: string) => Issue[]

const urlsOf = ({ url }: KeaConfig): [string, string][] =>
  typeof url === 'string' ? [['url', url]] : Object.entries(url ?? {}).map(([service, one]) => [`url.${service}`, one])

const checkUrls: Check = (kea, at) =>
  urlsOf(kea).flatMap(([key, url]) => {
    const parsed = URL.canParse(url) ? new URL(url) : null
    if (!parsed) return [{ field: `${at}.${key}`, expected: 'a URL', found: 'something else' }]
    if (!parsed.username && !parsed.password) return []
    return [
      { field: `${at}.${key}`, expected: 'a URL without a user name (use "username" and "password")', found: 'one' },
    ]
  })

const checkServices: Check = ({ url, services, memfile }, at) => {
  if (url === undefined)
    return memfile ? [] : [{ field: `${at}.url`, expected: 'a URL, as there is no memfile', found: 'nothing' }]
  return typeof url === 'string'
    ? []
    : services
        .filter(service => url[service] === undefined)
        .map(service => ({
          field: `${at}.url.${service}`,
          expected: 'a URL, as it is among the services',
          found: 'nothing',
        }))
}

const checkPairs: Check = ({ username, password, cert, key }, at) => [
  ...(password !== undefined && username === undefined
    ? [{ field: `${at}.username`, expected: 'a text, as there is a password', found: 'nothing' }]
    : []),
  ...((cert === undefined) !== (key === undefined)
    ? [
        {
          field: `${at}.${cert === undefined ? 'cert' : 'key'}`,
          expected: 'a file, as cert and key go together',
          found: 'nothing',
        },
      ]
    : []),
]

const CHECKS = [checkUrls, checkServices, checkPairs]

export const checkKea = ({ kea }: Config): Issue[] => [
  ...duplicates(
    kea,
    one => one.name,
    i => `kea[${i}].name`,
  ),
  ...kea.flatMap((one, i) => CHECKS.flatMap(check => check(one, `kea[${i}]`))),
]
