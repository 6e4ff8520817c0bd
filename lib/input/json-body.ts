/*
 * Reads a JSON text of a stranger in short steps, within bounds.
 *
 *     text ──► one pass over its characters: depth, keys twice, keys like __proto__   ─► InvalidInput, names the key
 *          └─► JSON.parse, of a list item by item                                     ─► InvalidInput, "body"
 *
 * JSON.parse alone takes `[[[[...` of any depth, keeps the last of two equal keys without a word, and holds everybody up
 * while it reads 16 MB. So the caller gets control back after every STEP characters (each `yield`), and a list is never
 * parsed as one. The pass need only be right for JSON: what is none is refused by JSON.parse afterwards.
 */

import { InvalidInput, shown } from './bad-input.ts'
import { fieldAt } from './zod-issues.ts'

/** Lists and objects within each other at most. */
const DEPTH = 32
/** Keys of one object at most. A callout of a hundred leases has some 1,500 variables. */
const KEYS = 10_000
/** Characters, or items, between two yields. */
const STEP = 65_536
const ITEMS = 500

const POISON: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** An object (with its keys so far) or a list (at which item it is) that has not ended yet. */
interface Frame {
  keys: Set<string> | null
  step: PropertyKey
}

const notJson = (text: string): InvalidInput =>
  new InvalidInput([{ field: 'body', expected: 'JSON', found: text === '' ? 'nothing' : shown(text.slice(0, 100)) }])

const tooMuch = (expected: string): InvalidInput => new InvalidInput([{ field: 'body', expected, found: 'more' }])

const parsed = (part: string, text: string): unknown => {
  try {
    return JSON.parse(part)
  } catch {
    throw notJson(text)
  }
}

/** The index after the text that begins at `at`, a double quote. */
const endOfText = (text: string, at: number): number => {
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x5c) i++
    else if (code === 0x22) return i + 1
  }
  return text.length
}

const noteKey = (frames: Frame[], written: string, text: string): void => {
  const frame = frames.at(-1)!
  const key = written.includes('\\') ? String(parsed(written, text)) : written.slice(1, -1)
  frame.step = key
  const field = () => fieldAt(frames.map(({ step }) => step).slice(-8))
  if (POISON.has(key)) throw new InvalidInput([{ field: field(), expected: 'no such key', found: 'one' }])
  if (frame.keys!.has(key)) throw new InvalidInput([{ field: field(), expected: 'this key once', found: 'it again' }])
  if (frame.keys!.size >= KEYS) throw tooMuch(`at most ${KEYS} keys in an object`)
  frame.keys!.add(key)
}

/**
 * Reads a text. Of a list at most `mostItems` and one more are read, so that the schema can say that these are too many.
 * Each `yield` is a moment at which others may have their turn.
 * @throws InvalidInput when it is not JSON, is too deep, or has a key twice or one like `__proto__`.
 */
export function* readJsonBody(text: string, mostItems = Number.POSITIVE_INFINITY): Generator<void, unknown> {
  const frames: Frame[] = []
  const items: unknown[] = []
  let isKeyNext = false
  let itemAt = 0
  let listEnd = 0
  let nextYield = STEP
  const isList = /^[ \t\r\n]*\[/.test(text)
  const addItem = (end: number): void => {
    const part = text.slice(itemAt, end)
    if (text[end] === ']' && items.length === 0 && part.trim() === '') return
    items.push(parsed(part, text))
  }
  for (let i = 0; i < text.length; i++) {
    if (i >= nextYield) {
      nextYield = i + STEP
      yield
    }
    switch (text.charCodeAt(i)) {
      case 0x22: {
        const end = endOfText(text, i)
        if (isKeyNext) noteKey(frames, text.slice(i, end), text)
        isKeyNext = false
        i = end - 1
        break
      }
      case 0x7b: // {
      case 0x5b: {
        const isObject = text[i] === '{'
        if (frames.length === DEPTH) throw tooMuch(`lists and objects at most ${DEPTH} deep`)
        frames.push({ keys: isObject ? new Set() : null, step: 0 })
        if (isList && frames.length === 1) itemAt = i + 1
        isKeyNext = isObject
        break
      }
      case 0x7d: // }
      case 0x5d: {
        if (isList && frames.length === 1) {
          addItem(i)
          listEnd = i
        }
        if (!frames.pop()) throw notJson(text)
        isKeyNext = false
        if (isList && frames.length === 0 && text.slice(i + 1).trim() !== '') throw notJson(text)
        break
      }
      case 0x2c: {
        const frame = frames.at(-1)
        isKeyNext = frame?.keys != null
        if (!frame || frame.keys) break
        if (isList && frames.length === 1) {
          addItem(i)
          itemAt = i + 1
          if (items.length > mostItems) return items
          if (items.length % ITEMS === 0) yield
        }
        frame.step = Number(frame.step) + 1
      }
    }
  }
  if (!isList) return parsed(text, text)
  if (frames.length > 0 || text[listEnd] !== ']') throw notJson(text)
  return items
}
