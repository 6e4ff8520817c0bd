import type { IncomingMessage } from 'node:http'
import { canonical } from '../../lib/address.ts'
import { type Issue, shown } from '../../lib/input/bad-input.ts'
import { isLoopback } from '../config/checks.ts'
import type { ResolvedConfig } from '../config/resolve.ts'
import { HttpError } from './problem.ts'

/*
 * Without tokens, only a local program may speak, not a page in a browser.
 *
 * Leasehold then listens on loopback only. But a browser on this machine reaches loopback too, and runs the scripts of
 * every page that it shows. Such a page can send a POST to any address. By DNS rebinding (the page's own name suddenly
 * leads to 127.0.0.1) it can read the answers as well. The browser itself gives it away in three headers that no page
 * can change:
 *
 *     who asks                           Host               Origin                    Sec-Fetch-Site   answer
 *     curl, or Kea's hook script         127.0.0.1:8053     -                         -                goes on
 *     /docs, typed in the address bar    localhost:8053     -                         none             goes on
 *     a button on /docs                  localhost:8053     http://localhost:8053     same-origin      goes on
 *     a proxy, with http.hosts: [ns.lab] ns.lab             https://ns.lab            same-origin      goes on
 *     a page of another site             127.0.0.1:8053     https://evil.example      cross-site       403
 *     a link on another site             127.0.0.1:8053     -                         cross-site       403
 *     another server on this machine     localhost:8053     http://localhost:3000     same-site        403
 *     a file, or a frame in a sandbox    127.0.0.1:8053     null                      cross-site       403
 *     a page after DNS rebinding         evil.example:8053  http://evil.example:8053  same-origin      403
 *
 * With tokens none of this is looked at: a page has no token. One rule of HTTP itself holds in both cases: a request
 * has one Host (RFC 9112 §3.2). Else it is answered 400, because a proxy before us may have believed the other Host.
 */

/** A host and its port as they stand in Host, in an Origin and in `http.hosts`. `port` is null where none is given. */
interface Authority {
  host: string
  port: number | null
}

const AUTHORITY = /^(?:\[([0-9a-f]*:[0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{0,5}))?$/i

/** The host in lower case, without a last dot; an IPv6 address in its one form. Null when the text is no host. */
const authorityOf = (text: string): Authority | null => {
  const [, v6, name, port] = AUTHORITY.exec(text) ?? []
  const host = v6 === undefined ? name?.toLowerCase().replace(/\.$/, '') : canonical(v6)
  return host && Number(port ?? 0) <= 65_535 ? { host, port: port ? Number(port) : null } : null
}

const DEFAULT_PORTS: Record<string, number> = { http: 80, https: 443 }

const withPort = ({ host, port }: Authority, scheme: string): Authority => ({
  host,
  port: port ?? DEFAULT_PORTS[scheme]!,
})

/** True when `http.hosts` has this host. An entry without a port stands for all ports. */
const isListed = ({ host, port }: Authority, listed: readonly Authority[]): boolean =>
  listed.some(entry => entry.host === host && (entry.port === null || entry.port === port))

/** True for the loopback names with any port, and for `http.hosts`. A Host without a port may mean port 80 or 443. */
const isOurs = (authority: Authority | null, listed: readonly Authority[]): authority is Authority =>
  authority !== null &&
  (isLoopback(authority.host) ||
    Object.keys(DEFAULT_PORTS).some(scheme => isListed(withPort(authority, scheme), listed)))

/** All values of a header. Node's `headers` keeps only the first Host, so two of them would not be seen there. */
const valuesOf = ({ rawHeaders }: IncomingMessage, name: string): string[] =>
  rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]!.toLowerCase() === name)

/** The hosts that a request is for: its Host, and the one in a target that is a whole URL, as a proxy is sent it. */
const hostsOf = (request: IncomingMessage): string[] => {
  const [, target] = /^[a-z]+:\/\/([^/?#]*)/i.exec(request.url ?? '') ?? []
  return [...valuesOf(request, 'host'), ...(target === undefined ? [] : [target])]
}

/** The names in `http.hosts` are not told here: a page after DNS rebinding can read this answer. */
const hostIssues = (request: IncomingMessage, listed: readonly Authority[]): Issue[] => {
  const hosts = hostsOf(request)
  const foreign = hosts.filter(host => !isOurs(authorityOf(host), listed))
  if (hosts.length > 0 && foreign.length === 0) return []
  const expected =
    'localhost or a loopback address (a proxy calls by a name that http.hosts in the configuration lists)'
  return [{ field: 'Host', expected, found: shown(foreign[0]) }]
}

/** True for the origin of a page at Host itself, so another port of this machine is foreign; and for `http.hosts`. */
const isOurOrigin = (origin: string, request: IncomingMessage, listed: readonly Authority[]): boolean => {
  const [, scheme = '', rest = ''] = /^(https?):\/\/(.+)$/.exec(origin) ?? []
  const authority = authorityOf(rest)
  if (!authority) return false
  const from = withPort(authority, scheme)
  if (isListed(from, listed)) return true
  const host = authorityOf(valuesOf(request, 'host')[0] ?? '')
  if (!isOurs(host, listed)) return false
  const to = withPort(host, scheme)
  return from.host === to.host && from.port === to.port
}

const originIssues = (request: IncomingMessage, listed: readonly Authority[]): Issue[] =>
  valuesOf(request, 'origin')
    .filter((origin, i) => i > 0 || !isOurOrigin(origin, request, listed))
    .map(origin => ({ field: 'Origin', expected: 'none, or that of a page at Host itself', found: shown(origin) }))

const siteIssues = (request: IncomingMessage): Issue[] =>
  valuesOf(request, 'sec-fetch-site')
    .filter(site => site !== 'same-origin' && site !== 'none')
    .map(site => ({ field: 'Sec-Fetch-Site', expected: 'none, or "same-origin" or "none"', found: shown(site) }))

const notOneHost = (request: IncomingMessage): HttpError | null => {
  const { length } = valuesOf(request, 'host')
  if (length === 1 || (length === 0 && request.httpVersion === '1.0')) return null
  return new HttpError(400, 'A request has one Host header.', {
    issues: [{ field: 'Host', expected: 'one', found: length === 0 ? 'none' : String(length) }],
  })
}

/** How a request is refused for where it comes from, or null when it may go on. */
export const originGuard = ({ tokens, hosts }: Pick<ResolvedConfig['http'], 'tokens' | 'hosts'>) => {
  const listed = hosts.map(authorityOf).filter(host => host !== null)
  return (request: IncomingMessage): HttpError | null => {
    const malformed = notOneHost(request)
    if (malformed || tokens.length > 0) return malformed
    const issues = [...hostIssues(request, listed), ...originIssues(request, listed), ...siteIssues(request)]
    if (issues.length === 0) return null
    const detail = 'No tokens are configured, so only programs on this machine may ask, and no page of another site.'
    return new HttpError(403, detail, { issues })
  }
}
