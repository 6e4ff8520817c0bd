/*
 * Finds the word that was meant: the nearest of those that are known.
 *
 *     "scope"      of http, store, dns, scopes   ─►  scopes
 *     "retainTtl"  of name, subnet, domain       ─►  nothing is near
 *
 * The distance counts letters that are put in, left out, changed, or swapped with their neighbour. A third of the word
 * may differ, but at most three letters.
 */

import type { z } from 'zod'

const distance = (a: string, b: string): number => {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        rows[i - 1]![j]! + 1,
        row[j - 1]! + 1,
        rows[i - 1]![j - 1]! + (same ? 0 : 1),
        swapped ? rows[i - 2]![j - 2]! + 1 : Infinity,
      )
    }
    rows[i] = row
  }
  return rows[a.length]![b.length]!
}

const LONGEST = 64

/** The known word that is nearest to `word`, in any case; null when none is near. */
export const nearest = (word: string, known: readonly string[]): string | null => {
  if (word.length > LONGEST) return null
  const limit = Math.min(3, Math.max(1, Math.floor(word.length / 3)))
  const [best] = known
    .map(one => ({ one, far: distance(word.toLowerCase(), one.toLowerCase()) }))
    .filter(({ far }) => far <= limit)
    .sort((a, b) => a.far - b.far)
  return best?.one ?? null
}

/** The parts of a zod schema that are read here. */
interface Def {
  type: string
  shape?: Record<string, z.core.$ZodType>
  innerType?: z.core.$ZodType
  element?: z.core.$ZodType
  in?: z.core.$ZodType
  options?: readonly z.core.$ZodType[]
  values?: readonly unknown[]
}

const defOf = (schema: z.core.$ZodType): Def => schema._zod.def as unknown as Def

/** False when a key of the value contradicts the literal that this alternative has there, like its `kind`. */
const isMeant = (option: z.core.$ZodType, value: unknown): boolean =>
  Object.entries(defOf(option).shape ?? {}).every(([key, part]) => {
    const { type, values } = defOf(part)
    const found = (value as Record<string, unknown> | null)?.[key]
    return type !== 'literal' || found === undefined || values!.includes(found)
  })

/** The keys that a schema has at `path` of `value`. */
export const keysAt = (schema: z.core.$ZodType, path: readonly PropertyKey[], value: unknown): string[] => {
  const def = defOf(schema)
  if (def.innerType) return keysAt(def.innerType, path, value)
  if (def.type === 'pipe') return keysAt(def.in!, path, value)
  if (def.options) {
    return def.options.filter(option => isMeant(option, value)).flatMap(option => keysAt(option, path, value))
  }
  const [step, ...rest] = path
  if (step === undefined) return Object.keys(def.shape ?? {})
  const inner = typeof step === 'number' ? def.element : def.shape?.[String(step)]
  return inner ? keysAt(inner, rest, (value as Record<PropertyKey, unknown> | null)?.[step]) : []
}
