/*
 * Why a server that is asked over HTTP, or at a socket, did not answer: one sentence for each way, without its subject.
 *
 * The error's own text is left out, as it may contain what was sent, and with it a password or a token.
 */

const CLOSED = 'closed the connection before its answer was complete'
const UNTRUSTED = 'shows a certificate that is not to be trusted'
const LATE = 'did not answer in time'

/** What the server did, by the error codes of node:net, node:tls and undici. */
const WHY: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: CLOSED,
  EPIPE: CLOSED,
  UND_ERR_SOCKET: CLOSED,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: CLOSED,
  UND_ERR_CONNECT_TIMEOUT: 'did not take the connection in time',
  UND_ERR_HEADERS_TIMEOUT: LATE,
  UND_ERR_BODY_TIMEOUT: LATE,
  TimeoutError: LATE,
  HTTPParserError: 'does not speak HTTP',
  ENOENT: 'has no socket there',
  ENOTSOCK: 'has no socket there',
  EACCES: 'has a socket that this program may not use',
  EPERM: 'has a socket that this program may not use',
  ENOTFOUND: 'has a name that does not resolve',
  EAI_AGAIN: 'has a name that does not resolve now',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
  ETIMEDOUT: 'cannot be reached',
  EPROTO: 'does not speak TLS as it should',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does not speak TLS there',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'asks for a client certificate ("cert" and "key")',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  CERT_HAS_EXPIRED: 'shows a certificate that has expired',
  CERT_NOT_YET_VALID: 'shows a certificate that is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'shows a certificate for another name',
}

const codeOf = (error: unknown): string => {
  const { code, name } = error as { code?: unknown; name?: unknown }
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'an error'
}

/** What the server did, as a sentence without its subject. */
export const whyUnanswered = (error: unknown): string => {
  const code = codeOf(error)
  return WHY[code] ?? (code.startsWith('HPE_') ? 'does not speak HTTP' : `could not be asked (${code})`)
}
