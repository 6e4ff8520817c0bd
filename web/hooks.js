/*
 * What views share: where the page is, what the server last answered, and what time it is.
 *
 * The URL is the state of a view, and nothing else moves it: `#/names?q=nas&phase=conflict`. So back, reload and a copied
 * link show the same. An answer is kept while it is asked for anew, and it is asked for anew when the audit says that
 * something happened, and when the server is back.
 */

import { Away, call, live } from './api.js'
import { useEffect, useReducer, useRef, useState } from './vendor/htm.js'

/** Milliseconds in which several things that happen make one question. */
const GATHER = 500

const parsed = () => {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?')
  const [view = '', ...rest] = path.split('/').map(decodeURIComponent)
  return { view: view || 'now', subject: rest.join('/') || null, query: Object.fromEntries(new URLSearchParams(query)) }
}

/** The link to a view. Empty parts of the query are left out. */
export const linkTo = (view, subject = null, query = {}) => {
  const given = Object.entries(query).filter(([, value]) => value !== '' && value != null)
  const text = new URLSearchParams(given).toString()
  return `#/${view}${subject === null ? '' : `/${encodeURIComponent(subject)}`}${text && `?${text}`}`
}

/** Goes to a view. `instead` replaces this place in the history, as for each letter that is typed. */
export const go = (link, { instead = false } = {}) => {
  if (!instead) location.hash = link
  else {
    history.replaceState(null, '', link)
    dispatchEvent(new HashChangeEvent('hashchange'))
  }
}

/** Where the page is: its view, the subject of that, and the query. */
export const usePlace = () => {
  const [place, setPlace] = useState(parsed)
  useEffect(() => {
    const moved = () => setPlace(parsed())
    addEventListener('hashchange', moved)
    return () => removeEventListener('hashchange', moved)
  }, [])
  return place
}

/** What is known of the server; the view is drawn again when that changes. */
export const useLive = () => {
  const [, again] = useReducer(n => n + 1, 0)
  useEffect(() => live.listen(again), [])
  return live
}

/** The server's time in milliseconds; the view is drawn again each second. */
export const useNow = () => {
  const [now, setNow] = useState(() => live.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(live.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}

/**
 * What the server answers to a GET: `{answer, problem, ask}`. `ask` asks anew. `changes` says whether an entry of the audit
 * concerns it; null is told for whatever may have been missed. It is asked anew too when `also` is another value.
 */
export const useAnswer = (path, changes = () => true, also = null) => {
  const [state, setState] = useState({ answer: null, problem: null, path: null })
  const [turn, ask] = useReducer(n => n + 1, 0)
  const concerned = useRef(changes)
  concerned.current = changes
  useEffect(() => {
    const abort = new AbortController()
    call('GET', path, undefined, abort.signal).then(
      answer => setState({ answer, problem: null, path }),
      error => {
        if (error.name === 'AbortError') return
        // What was seen stays while the server is away.
        setState(was => (error instanceof Away && was.path === path ? was : { answer: null, problem: error, path }))
      },
    )
    return () => abort.abort()
  }, [path, turn, also])
  useEffect(() => {
    let timer = null
    const stop = live.onAudit(entry => {
      if (entry !== null && !concerned.current(entry)) return
      timer ??= setTimeout(() => {
        timer = null
        ask()
      }, GATHER)
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [])
  return { ...state, isOld: state.path !== path, ask }
}

/** Calls `run` for a key that is pressed outside of fields, by its name. */
export const useKeys = keys => {
  const known = useRef(keys)
  known.current = keys
  useEffect(() => {
    const pressed = event => {
      const isField = /^(input|textarea|select)$/i.test(event.target.tagName)
      if (isField || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return
      const run = known.current[event.key]
      if (!run) return
      event.preventDefault()
      run(event)
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [])
}
