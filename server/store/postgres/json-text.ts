/*
 * JSON as PostgreSQL's jsonb takes it.
 *
 * jsonb refuses two things that a JSON text may hold: U+0000, and half of a surrogate pair. A host name that a client made
 * up may hold both, and one such lease must not keep all others from being stored. So these are written as U+E000 and
 * four hex digits, and U+E000 itself too:
 *
 *     "a\u0000b"   →   "a<U+E000>0000b"
 *     "<U+E000>"   →   "<U+E000>e000"
 */

const MARK = '\uE000'

/** The JSON of a value for a jsonb column. */
export const toJsonb = (value: unknown): string =>
  // A backslash is read with what follows it, so that an escaped backslash before a "u" is no escape of a character.
  JSON.stringify(value).replace(/\\(?:u(0000|d[89a-f][0-9a-f]{2})|[\s\S])|\uE000/g, (found, hex) =>
    hex !== undefined ? MARK + hex : found === MARK ? `${MARK}e000` : found,
  )

/** The value whose JSON a jsonb column gave as a text. */
export const fromJsonb = (text: string): unknown =>
  JSON.parse(text.includes(MARK) ? text.replace(/\uE000([0-9a-f]{4})/g, '\\u$1') : text)
