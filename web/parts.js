/*
 * Small parts that every view is made of: a phase, a span of time, a client, a copy button, an empty state.
 */

import { linkTo, useNow } from './hooks.js'
import { html, useState } from './vendor/htm.js'
import { clientOf, exact, inParts, isRandom, PHASES, seen, span } from './words.js'

/** A time as a span from now; the exact time stands in the title, and is read to those who hear the page. */
export const Ago = ({ at }) => {
  const now = useNow()
  if (!at) return html`<span class="pale">never</span>`
  const ms = Date.parse(at) - now
  const text = ms >= 1000 ? `in ${span(ms)}` : `${span(-ms)} ago`
  return html`<time dateTime=${at} title=${exact(at)}>${text}</time>`
}

/** The span until a time, counting down. */
export const Until = ({ at }) => {
  const now = useNow()
  if (!at) return ''
  const ms = Date.parse(at) - now
  return html`<time dateTime=${at} title=${exact(at)} data-countdown>${ms > 0 ? span(ms) : 'now'}</time>`
}

/** A phase: shape, word and colour. `dueAt` is when what is awaiting goes. */
export const Phase = ({ phase, dueAt }) => {
  const { shape, word } = PHASES[phase] ?? { shape: '·', word: phase ?? 'unknown' }
  return html`<span class=${`phase ${phase}`} title=${phase}>
    <span aria-hidden="true">${shape}</span> ${word}
    ${phase === 'awaiting' && dueAt && html` in <${Until} at=${dueAt} />`}
  </span>`
}

/** A name with its domain paler; a link to its view. */
export const NameLink = ({ name }) => {
  const [label, domain] = inParts(seen(name))
  return html`<a class="name" href=${linkTo('names', name)}><b>${label}</b><span class="pale">${domain}</span></a>`
}

export const Client = ({ client }) =>
  html`<span class="client">${seen(clientOf(client))}${
    isRandom(client) && html` <small title="a random MAC: its local bit is set">random</small>`
  }</span>`

/**
 * A table that stays inside the page: on a phone each row is a block, and each cell says its head beside it. `heads` are
 * texts; one that ends with # has numbers under it. `rows` are `{key, kind, cells}`; a cell of which nothing is known is null or undefined.
 */
export const Table = ({ heads, rows, kind = '' }) => {
  const columns = heads.map(head => [head.replace('#', ''), head.endsWith('#') ? 'number' : undefined])
  return html`<div class="wide" tabindex="0"><table class=${kind}>
    <thead><tr>${columns.map(([head, kind]) => html`<th class=${kind}>${head}</th>`)}</tr></thead>
    <tbody>${rows.map(
      row =>
        html`<tr key=${row.key} class=${row.kind}>${row.cells.map(
          (cell, i) => html`<td class=${cell == null ? 'none' : columns[i][1]} data-head=${columns[i][0]}>${cell}</td>`,
        )}</tr>`,
    )}</tbody></table></div>`
}

/** A button that copies a text, and says so. */
export const Copy = ({ text, label = 'Copy' }) => {
  const [done, setDone] = useState(false)
  const copy = async () => {
    await navigator.clipboard?.writeText(text).catch(() => {})
    setDone(true)
    setTimeout(() => setDone(false), 2000)
  }
  return html`<button type="button" class="small" onClick=${copy}>${done ? 'Copied' : label}</button>`
}

/** A command that is ready to be copied. */
export const Command = ({ text }) =>
  html`<div class="command"><pre tabindex="0">${seen(text)}</pre><${Copy} text=${text} /></div>`

/** Why a view shows nothing: it is still asked for, or the server said no. */
export const Instead = ({ problem, what }) =>
  problem
    ? html`<p class="problem" role="alert">${problem.message}</p>`
    : html`<p class="pale" aria-busy="true">Asking for ${what} …</p>`

/** What is said aloud when something was done. */
export const say = text => {
  const region = document.getElementById('said')
  if (region) region.textContent = text
}

/** Ready commands and snippets inside a remedy stand between backticks or quotes of a shell; the rest is text. */
export const Remedy = ({ text }) => {
  const commands = [
    ...text.matchAll(/"((?:curl|df|du|sudo|rndc|leasehold|nsupdate) [^"]*(?:"[^"]*"[^"]*)*?)"(?=[;,. )]|$)/g),
  ]
  return html`<div class="remedy">
    <p>${seen(text)}</p>
    ${commands.map(([, command]) => html`<${Command} text=${command} />`)}
  </div>`
}
