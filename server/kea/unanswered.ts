/** A command got no answer of Kea. The message is a sentence without its subject, which is the server. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered'
}

const CLOSED = 'closed the connection before its answer was complete'
const UNTRUSTED = 'shows a certificate that is not to be trusted'

/** Codes of node:net, node:tls and undici. */
const WHY: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: CLOSED,
  EPIPE: CLOSED,
  UND_ERR_SOCKET: CLOSED,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: CLOSED,
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'answered with more than is taken',
  UND_ERR_CONNECT_TIMEOUT: 'did not take the connection in time',
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

/** What kept an answer away, from whatever was thrown; nothing of the error's own text, which may hold what was sent. */
export const unansweredFor = (error: unknown): Unanswered => {
  if (error instanceof Unanswered) return error
  const code = codeOf(error)
  return new Unanswered(WHY[code] ?? (code.startsWith('HPE_') ? 'does not speak HTTP' : `could not be asked (${code})`))
}
