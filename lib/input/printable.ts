/*
 * A foreign text made fit for one line of a log.
 *
 * Host names come from strangers. What has no glyph of its own could break a line, forge another one, or turn the rest of
 * it around on a terminal. So each such character is shown as its code. All others stay as they are, in any script:
 *
 *     "nas\nroot logged in"     →   nas\u000aroot logged in
 *     "nas<U+202E>txt.exe"      →   nas\u202etxt.exe
 *     "naïve-büro"              →   naïve-büro
 */

/** Control, format and unassigned characters, lone surrogates, and every separator but the plain space. */
const UNPRINTABLE = /[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu

/** A name of DNS has at most 253 characters, and is always shown whole. */
const MOST = 2000

/** Nearly every text: nothing in it has to be looked for. */
const PLAIN = /^[ -~]*$/

const coded = (char: string): string => `\\u${char.codePointAt(0)!.toString(16).padStart(4, '0')}`

/** The text on one line, with a code in the place of each character that cannot be printed; cut after 2,000. */
export const printable = (text: string): string => {
  const cut = text.length <= MOST ? text : `${text.slice(0, MOST)}…`
  return PLAIN.test(cut) ? cut : cut.replace(UNPRINTABLE, coded)
}

/**
 * A text of JSON with each such character in its strings escaped: it means the same, and shows as what it is where a person
 * reads it. Control characters are escaped in any JSON, so those that stand here are between its values.
 */
export const printableJson = (json: string): string =>
  PLAIN.test(json)
    ? json
    : json.replace(UNPRINTABLE, char => {
        if (char < ' ') return char
        const units = Array.from({ length: char.length }, (_, i) => char.charCodeAt(i))
        return units.map(unit => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
      })
