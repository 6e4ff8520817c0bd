const MOST = 200

/** Somebody else's text as it may stand in a sentence of ours: one line, no control or invisible characters, 200 at most. */
export const shown = (text: string): string => {
  const line = text
    .slice(0, 4 * MOST)
    .toWellFormed()
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
  return line.length <= MOST ? line : `${line.slice(0, MOST - 1).toWellFormed()}…`
}
