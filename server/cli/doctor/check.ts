/** One line of `doctor`: what was looked at, whether it is as it should be, and what to do where it is not. */
export interface Check {
  subject: string
  ok: boolean
  text: string
  /** What to do; null where nothing is wrong. */
  remedy: string | null
}

export const good = (subject: string, text: string): Check => ({ subject, ok: true, text, remedy: null })

export const wrong = (subject: string, text: string, remedy: string): Check => ({ subject, ok: false, text, remedy })

/** The remedy of the first row whose pattern is in the text, else the last resort. */
export const remedyFor = (text: string, rows: readonly (readonly [RegExp, string])[], otherwise: string): string =>
  rows.find(([pattern]) => pattern.test(text))?.[1] ?? otherwise
