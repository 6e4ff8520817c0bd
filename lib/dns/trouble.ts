/*
 * Which kind of trouble stands behind what a DNS server said (update-answer.ts), so that a remedy can be given.
 */

/**
 * `clock`: the clocks differ. `key-unknown`, `key-secret`: the key. `zone`: it does not have the zone, or not as its primary.
 * `policy`: it knows the key, and does not let it write. `silent`: nothing came, or nothing that can be read.
 */
export type Trouble = 'clock' | 'key-unknown' | 'key-secret' | 'zone' | 'policy' | 'silent'

/** By the words of the text; the first that stands in it decides, as the text may be of several servers. */
const BY_WORD: readonly (readonly [RegExp, Trouble])[] = [
  [/\bBADTIME\b/, 'clock'],
  [/\bBADKEY\b/, 'key-unknown'],
  [/\bBADSIG\b|\bBADTRUNC\b/, 'key-secret'],
  [/\bNOTAUTH\b|\bNOTZONE\b/, 'zone'],
  [/\bREFUSED\b/, 'policy'],
]

/** The trouble that a sentence of a DNS server tells of. */
export const troubleOf = (text: string): Trouble => BY_WORD.find(([word]) => word.test(text))?.[1] ?? 'silent'
