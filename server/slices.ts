import { setImmediate as turn } from 'node:timers/promises'

/**
 * The items in slices, with a turn of the event loop before each but the first: a long list holds nobody up.
 * @throws the signal's reason once that is aborted
 */
export async function* slices<T>(items: Iterable<T>, size: number, signal?: AbortSignal): AsyncGenerator<T[]> {
  let slice: T[] = []
  for (const item of items) {
    if (slice.length === size) {
      yield slice
      slice = []
      await turn()
      signal?.throwIfAborted()
    }
    slice.push(item)
  }
  if (slice.length > 0) yield slice
}
