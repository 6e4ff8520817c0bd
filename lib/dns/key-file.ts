/*
 * Reads the key of a BIND key file, as `tsig-keygen` and `rndc-confgen -a` write it:
 *
 *     key "leasehold" {
 *             algorithm hmac-sha256;
 *             secret "c2VjcmV0";
 *     };
 *
 * Comments of all three kinds are left out. A file with another number of keys than one is refused: which is meant?
 */

/** A key as it stands in the file. Nothing but its place in the file was checked. */
export interface KeyOfFile {
  name: string
  algorithm: string
  secret: string
}

const TOKEN = /"[^"]*"|\/\*[\s\S]*?\*\/|(?:#|\/\/)[^\n]*|[{};]|[^\s"{};]+/g

const tokensOf = (text: string): string[] =>
  (text.match(TOKEN) ?? [])
    .filter(token => !/^(?:\/\*|#|\/\/)/.test(token))
    .map(token => token.replace(/^"(.*)"$/, '$1'))

const KEY = ['key', null, '{', null, null, ';', null, null, ';', '}', ';']

/** Returns the key of a key file; null when the text is no key file, or has another number of keys than one. */
export const keyOfFile = (text: string): KeyOfFile | null => {
  const tokens = tokensOf(text)
  if (tokens.length !== KEY.length) return null
  if (!KEY.every((sign, i) => sign === null || tokens[i] === sign)) return null
  const [, name = '', , one = '', first = '', , other = '', second = ''] = tokens
  const fields = new Map([
    [one, first],
    [other, second],
  ])
  const [algorithm, secret] = [fields.get('algorithm'), fields.get('secret')]
  return algorithm === undefined || secret === undefined ? null : { name, algorithm, secret }
}
