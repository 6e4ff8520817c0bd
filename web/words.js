/*
 * How things are called and written on the page: phases, spans of time, addresses, clients.
 *
 * A phase has a word, a shape and a colour, so that nobody depends on the colour. A time is a span (`3 h 12 m`), and its exact
 * form, local with its offset, stands in the title.
 */

/** By phase: its shape, its word, and whether a person is needed first (lower comes first). */
export const PHASES = {
  conflict: { shape: '▲', word: 'somebody else’s', rank: 0 },
  protected: { shape: '■', word: 'yours', rank: 1 },
  awaiting: { shape: '◔', word: 'goes', rank: 2 },
  pending: { shape: '◌', word: 'on its way', rank: 3 },
  removing: { shape: '◌', word: 'being removed', rank: 4 },
  retained: { shape: '◐', word: 'kept', rank: 5 },
  published: { shape: '●', word: 'in DNS', rank: 6 },
  removed: { shape: '○', word: 'removed', rank: 7 },
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
]

/** A span in milliseconds as words: two units at most. A negative span is written as none. */
export const span = ms => {
  let left = Math.max(0, Math.round(ms / 1000))
  const parts = []
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(left / seconds)
    left -= count * seconds
    if (count > 0) parts.push(`${count} ${unit}`)
    else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  return parts.length > 0 ? parts.join(' ') : '0 s'
}

const pad = number => String(number).padStart(2, '0')

/** A time (ISO 8601 or milliseconds) in this place's clock, with its offset. */
export const exact = time => {
  const at = new Date(time)
  const minutes = -at.getTimezoneOffset()
  const sign = minutes < 0 ? '-' : '+'
  const offset = `${sign}${pad(Math.floor(Math.abs(minutes) / 60))}:${pad(Math.abs(minutes) % 60)}`
  const date = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`
  return `${date} ${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())} ${offset}`
}

/** The same without the offset, for a list in which each line has one. */
export const inShort = time => exact(time).slice(0, 19)

/** The time of day of a moment. */
export const clock = time => exact(time).slice(11, 19)

/** A number with its noun: `1 name`, `12 names`. */
export const count = (number, noun) => `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`

/** A name in its label and its domain, of which the page shows the second one paler. */
export const inParts = name => {
  const dot = name.indexOf('.')
  return dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)]
}

const macOf = key => /^(?:hw:|id:01:|duid:00:03:00:01:)((?:[0-9a-f]{2}:){5}[0-9a-f]{2})(?:\/\d+)?$/.exec(key ?? '')?.[1]

/** What a client is called: its MAC where it has one. */
export const clientOf = key => macOf(key) ?? key ?? ''

/** True when the MAC of a client was made at random, as phones do: its local bit is set. */
export const isRandom = key => (Number.parseInt(macOf(key)?.slice(0, 2) ?? '0', 16) & 2) !== 0

/** Characters that turn text round, break its line, or cannot be seen: controls, and those of format (Cc, Cf, Zl, Zp). */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A client's text as it is, with what cannot be seen shown by its number. */
export const seen = text =>
  String(text ?? '').replace(UNSEEN, found => `\\u${found.codePointAt(0).toString(16).padStart(4, '0')}`)

const LETTER = { d: 86_400, h: 3600, m: 60, s: 1 }

/** A duration in seconds as a person types it: `3h`, in the largest unit without a rest. */
export const typed = seconds => {
  if (typeof seconds !== 'number' || seconds === 0) return String(seconds)
  const unit = Object.keys(LETTER).find(letter => seconds % LETTER[letter] === 0)
  return `${seconds / LETTER[unit]}${unit}`
}

/** What a person typed as a duration, in seconds. What cannot be read so is left for the server to refuse. */
export const untyped = text => {
  const [, number, unit = 's'] = /^\s*(\d+)\s*([dhms])?\s*$/.exec(text) ?? []
  return number === undefined ? text : Number(number) * LETTER[unit]
}

const onOff = value => (value ? 'on' : 'off')

/** The value of a policy field as a person reads it. */
export const fieldValue = value => {
  if (typeof value === 'boolean') return onOff(value)
  if (Array.isArray(value)) return value.length > 0 ? value.join(', ') : 'none'
  if (value !== null && typeof value === 'object')
    return Object.entries(value)
      .map(([name, inner]) => `${name} ${typeof inner === 'number' && name !== 'percent' ? span(inner * 1000) : inner}`)
      .join(', ')
  return String(value)
}

/** Where a policy field comes from, in words. */
export const FROM = {
  default: 'the default',
  profile: 'the profile',
  kea: 'Kea’s configuration',
  config: 'leasehold.json',
  api: 'set here',
}
