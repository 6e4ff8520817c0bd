/*
 * What differs between two configurations, for the log of a reload.
 *
 *     log.level: "info" → "debug"
 *     scopes[office].ttl: 300 → 600
 *     scopes[lab]: added
 *     http.tokens[kea].secret: changed
 *
 * Entries of a list are told apart by their `name`, so that one which moves up is no change; where they have none, by their
 * place. A secret is never shown, only that it is another.
 */

import { shown } from '../../lib/input/bad-input.ts'
import type { ResolvedConfig } from './resolve.ts'

const SECRET: ReadonlySet<string> = new Set(['secret', 'password', 'token', 'apiKey', 'url', 'username'])

type Tree = { [key: string]: unknown }

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

const isNamed = (value: unknown): value is { name: string }[] =>
  Array.isArray(value) && value.length > 0 && value.every(one => isTree(one) && typeof one.name === 'string')

/** The parts of a value by the text that follows the path: `.ttl` of an object, `[office]` of a list with names. */
const partsOf = (value: unknown): Map<string, unknown> | null => {
  if (isNamed(value)) return new Map(value.map(one => [`[${one.name}]`, one]))
  if (Array.isArray(value) && value.every(isTree)) return new Map(value.map((one, i) => [`[${i}]`, one]))
  return isTree(value) ? new Map(Object.entries(value).map(([key, one]) => [`.${key}`, one])) : null
}

const change = (path: string, before: unknown, after: unknown): string => {
  if (SECRET.has(/\.(\w+)$/.exec(path)?.[1] ?? '')) return `${path}: changed`
  if (before === undefined) return `${path}: ${partsOf(after) ? 'added' : `not set → ${shown(after)}`}`
  if (after === undefined) return `${path}: ${partsOf(before) ? 'removed' : `${shown(before)} → not set`}`
  return partsOf(before) || partsOf(after) ? `${path}: changed` : `${path}: ${shown(before)} → ${shown(after)}`
}

const differences = (path: string, before: unknown, after: unknown): string[] => {
  const [left, right] = [partsOf(before), partsOf(after)]
  if (left && right) {
    return [...new Set([...left.keys(), ...right.keys()])].flatMap(key =>
      differences(path + key, left.get(key), right.get(key)),
    )
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [change(path, before, after)]
}

/** One line for each thing that differs; none when nothing does. */
export const diffConfigs = (before: ResolvedConfig, after: ResolvedConfig): string[] => {
  const known = ({ warnings: _warnings, $schema: _schema, ...rest }: ResolvedConfig) => rest
  return differences('', known(before), known(after)).map(line => line.replace(/^\./, ''))
}
