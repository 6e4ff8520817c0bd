/*
 * The dialog of an action: it says first what will happen, asks why, and gives the focus back.
 *
 *     Pin nas.lab.example?
 *     It stays when its lease ends, until you unpin it.
 *     Why  [                    ]      Until  [            ]
 *                                       [Cancel]  [Pin]
 */

import { call, live } from './api.js'
import { say } from './parts.js'
import { html, useEffect, useRef, useState } from './vendor/htm.js'

/**
 * Asks, and does. `run({why, until})` calls the server and returns what is said when it is done. Enter sends, Escape leaves.
 */
export const Dialog = ({ title, effect, verb, asks = {}, run, onClose }) => {
  const box = useRef(null)
  const [why, setWhy] = useState('')
  const [until, setUntil] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState(null)
  useEffect(() => {
    const before = document.activeElement
    box.current.showModal()
    return () => before?.isConnected && before.focus()
  }, [])
  const send = async event => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    try {
      const body = {
        ...(why.trim() && { why: why.trim() }),
        ...(until && { until: new Date(until).toISOString() }),
      }
      say(await run(body))
      onClose()
    } catch (error) {
      setProblem(error.message)
      setBusy(false)
    }
  }
  return html`<dialog ref=${box} onCancel=${onClose} onClose=${onClose} aria-labelledby="dialog-title">
    <form method="dialog" onSubmit=${send}>
      <h2 id="dialog-title">${title}</h2>
      <div>${effect}</div>
      ${
        asks.why &&
        html`<label>Why <input name="why" value=${why} maxlength="500" placeholder="optional" autofocus
          onInput=${event => setWhy(event.target.value)} /></label>`
      }
      ${
        asks.until &&
        html`<label>Until <input name="until" type="datetime-local" value=${until}
          onInput=${event => setUntil(event.target.value)} /></label>`
      }
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      <div class="buttons">
        <button type="button" onClick=${onClose}>Cancel</button>
        <button type="submit" class="main" disabled=${busy || live.isAway} aria-busy=${busy}>${busy ? 'Sending …' : verb}</button>
      </div>
    </form>
  </dialog>`
}

/** A band that offers to undo what was just done, for ten seconds. `body` is what the undoing call says: a pin's reason and end. */
export const Undo = ({ said, path, body = {}, label, onDone }) => {
  useEffect(() => {
    const timer = setTimeout(onDone, 10_000)
    return () => clearTimeout(timer)
  }, [said])
  const undo = async () => {
    await call('POST', path, body).then(
      () => say(`${label}: done`),
      error => say(error.message),
    )
    onDone()
  }
  return html`<p class="band done" role="status">${said} <button type="button" class="small" onClick=${undo}>${label}</button></p>`
}
