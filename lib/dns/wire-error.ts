/** A message that cannot be read, or a name or value that cannot be written: what RFC 1035 calls a format error. */
export class WireError extends Error {
  override name = 'WireError'
}
