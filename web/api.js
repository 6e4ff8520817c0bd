/*
 * The server's word: calls, and the stream that keeps the page live.
 *
 * The token is asked for once and lives as long as the tab (sessionStorage). It never stands in a URL. The stream is read by
 * fetch, as an EventSource sends no token:
 *
 *     open      the server is there; each event is told to whoever listens
 *     ended     the server is away: it is tried again after 1 s, growing to 5 s, and what was missed is asked for
 *     401, 403  the token is wrong, or may not look: it is asked for anew
 */

const KEY = 'leasehold.token'
const FIRST_WAIT = 1000
const LONGEST_WAIT = 5000
/** Milliseconds without a word from the server, after which it counts as away: it sends a comment each 15 s. */
const SILENCE = 40_000

export const token = {
  get: () => sessionStorage.getItem(KEY) ?? '',
  set: value => (value ? sessionStorage.setItem(KEY, value) : sessionStorage.removeItem(KEY)),
}

/** The server said no. `detail` is its sentence; `errors` are the fields at fault. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `The server answered ${status}.`)
    this.status = status
    this.errors = problem.errors ?? []
  }
}

/** The server did not answer. */
export class Away extends Error {}

const headers = body => ({
  accept: 'application/json',
  ...(token.get() && { authorization: `Bearer ${token.get()}` }),
  ...(body !== undefined && { 'content-type': 'application/json' }),
})

/** Asks the server, and returns its answer. @throws Refused, Away, or an AbortError. */
export const call = async (method, path, body, signal) => {
  let response
  try {
    response = await fetch(path.slice(1), {
      method,
      headers: headers(body),
      signal,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  } catch (error) {
    if (error.name === 'AbortError') throw error
    throw new Away('The server is away.')
  }
  if (response.status === 204) return null
  const answer = await response.json().catch(() => ({}))
  if (response.ok) return { ...answer, $status: response.status }
  if (response.status === 401) live.needsToken(answer.detail)
  throw new Refused(response.status, answer)
}

/** Splits a stream of server-sent events into `{event, data, id}`. */
async function* eventsIn(body) {
  let text = ''
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    text += part
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = { event: 'message', data: '', id: null }
      for (const line of text.slice(0, end).split('\n')) {
        const [, field, value] = /^(\w*): ?(.*)$/.exec(line) ?? []
        if (field === 'event') event.event = value
        else if (field === 'id') event.id = value
        else if (field === 'data') event.data += value
      }
      text = text.slice(end + 2)
      yield event
    }
  }
}

/** What the page knows of the server now; `listen` hears of each change, `onAudit` of each entry of the audit. */
class Live {
  status = null
  /** When the server last said anything, and since when it is away; milliseconds of this machine. */
  heardAt = 0
  awaySince = null
  retryAt = null
  /** Why a token is needed; null while none is. */
  tokenAsked = null
  #listeners = new Set()
  #auditors = new Set()
  #lastId = null
  #abort = null
  #wait = FIRST_WAIT
  #offset = 0
  #isRunning = false

  /** The server's clock, in milliseconds: spans are counted by it, not by the visitor's. */
  now() {
    return Date.now() + this.#offset
  }

  get isAway() {
    return this.awaySince !== null
  }

  listen(listener) {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  onAudit(listener) {
    this.#auditors.add(listener)
    return () => this.#auditors.delete(listener)
  }

  #told() {
    for (const listener of [...this.#listeners]) listener()
  }

  needsToken(why) {
    this.tokenAsked = token.get() ? (why ?? 'The token is not known.') : ''
    this.#abort?.abort()
    this.#told()
  }

  /** Takes the token that a person typed, and begins anew. */
  useToken(value) {
    token.set(value)
    this.tokenAsked = null
    this.#told()
    this.start()
  }

  start() {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#follow().finally(() => {
      this.#isRunning = false
    })
  }

  async #follow() {
    while (this.tokenAsked === null) {
      try {
        await this.#read()
      } catch (error) {
        if (error instanceof Refused && error.status === 403) this.tokenAsked = error.message
      }
      if (this.tokenAsked !== null) break
      this.awaySince ??= Date.now()
      this.retryAt = Date.now() + this.#wait
      this.#told()
      await new Promise(resolve => setTimeout(resolve, this.#wait))
      this.#wait = Math.min(LONGEST_WAIT, this.#wait * 2)
    }
    this.#told()
  }

  async #read() {
    const abort = new AbortController()
    this.#abort = abort
    let silence = setTimeout(() => abort.abort(), SILENCE)
    const heard = () => {
      clearTimeout(silence)
      silence = setTimeout(() => abort.abort(), SILENCE)
      this.heardAt = Date.now()
    }
    try {
      const last = this.#lastId ? { 'last-event-id': this.#lastId } : {}
      const response = await fetch('v1/stream', {
        headers: { ...headers(), accept: 'text/event-stream', ...last },
        signal: abort.signal,
      })
      if (!response.ok) {
        const problem = await response.json().catch(() => ({}))
        if (response.status === 401) this.needsToken(problem.detail)
        throw new Refused(response.status, problem)
      }
      const wasAway = this.isAway
      this.awaySince = null
      this.#wait = FIRST_WAIT
      heard()
      if (wasAway) for (const auditor of [...this.#auditors]) auditor(null)
      this.#told()
      for await (const event of eventsIn(response.body)) {
        heard()
        this.#take(event)
      }
    } finally {
      clearTimeout(silence)
    }
  }

  #take({ event, data, id }) {
    if (id !== null) this.#lastId = id
    if (event === 'status') {
      this.status = JSON.parse(data)
      this.#offset = Date.parse(this.status.startedAt) + this.status.uptime * 1000 - Date.now()
      if (Math.abs(this.#offset) < 2000) this.#offset = 0
      this.#told()
    }
    if (event === 'audit') for (const auditor of [...this.#auditors]) auditor(JSON.parse(data))
    if (event === 'reset') for (const auditor of [...this.#auditors]) auditor(null)
  }
}

export const live = new Live()
