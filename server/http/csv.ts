/*
 * Lists as CSV (RFC 4180), for a spreadsheet.
 *
 * A spreadsheet takes a cell that begins with = + - @, a tab or a line break for a formula, and a client of the DHCP server
 * chooses its own name. So such a cell gets an apostrophe before it, which spreadsheets read as "this is a text":
 *
 *     red.lab.example        red.lab.example
 *     a "b", c               "a ""b"", c"
 *     =HYPERLINK("x")        "'=HYPERLINK(""x"")"
 */

const FORMULA = /^[=+\-@\t\r\n]/

const cell = (text: string): string => {
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** A heading and rows as CSV; null and undefined are empty cells. */
export const csvOf = (heading: readonly string[], rows: readonly (readonly (string | null | undefined)[])[]): string =>
  [heading, ...rows].map(row => `${row.map(one => cell(one ?? '')).join(',')}\r\n`).join('')

/** How much a media type is wanted by an Accept header, from 0 to 1; null where the header does not name it. */
const weightOf = (accept: string, type: string): number | null => {
  for (const range of accept.split(',')) {
    const [named = '', ...parameters] = range.split(';').map(part => part.trim().toLowerCase())
    if (named !== type) continue
    const quality = parameters.find(one => one.startsWith('q='))
    return quality === undefined ? 1 : Number(quality.slice(2)) || 0
  }
  return null
}

/** True when an Accept header asks for CSV, and not rather for JSON. */
export const wantsCsv = (accept = ''): boolean => {
  const csv = weightOf(accept, 'text/csv') ?? 0
  const json = weightOf(accept, 'application/json')
  return csv > 0 && (json === null || csv > json)
}
