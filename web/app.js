/*
 * The page: a head that is always there, and the view that the URL names.
 *
 *     head    the state of the whole in one sentence, links, the search box, and whether the page is live
 *     band    away, paused, standby, held: whatever concerns every view
 *     view    Now, Names, a name, Scopes, Holds, Findings, Audit
 *
 * All of it comes from the sidecar alone. What the server says is text here, never markup: htm makes nodes, not HTML.
 */

import { live } from './api.js'
import { go, linkTo, useKeys, useLive, useNow, usePlace } from './hooks.js'
import { sentenceOf, troublesOf } from './sentence.js'
import { html, render, useEffect, useRef, useState } from './vendor/htm.js'
import { Audit } from './views/audit.js'
import { Findings } from './views/findings.js'
import { Holds } from './views/holds.js'
import { Name } from './views/name.js'
import { Names } from './views/names.js'
import { Now } from './views/now.js'
import { Scopes } from './views/scopes.js'
import { clock, span } from './words.js'

/** The views by the first part of the URL. A name has a view of its own. */
const VIEWS = {
  now: { title: 'Now', view: Now },
  names: { title: 'Names', view: Names, one: Name },
  scopes: { title: 'Scopes', view: Scopes },
  holds: { title: 'Holds', view: Holds },
  findings: { title: 'Findings', view: Findings },
  audit: { title: 'Audit', view: Audit },
}

const KEYS = [
  ['/', 'search'],
  ['j, k', 'next and previous row'],
  ['Enter', 'open'],
  ['p', 'pin the name that is shown'],
  ['?', 'these keys'],
]

const AskToken = ({ why }) => {
  const [value, setValue] = useState('')
  const send = event => {
    event.preventDefault()
    if (value.trim()) live.useToken(value.trim())
  }
  return html`<main id="view" class="token">
    <h1>Leasehold</h1>
    <form onSubmit=${send}>
      <p>This server needs a token. It is kept for this tab only.</p>
      <label>Token <input type="password" name="token" autocomplete="off" autofocus required value=${value}
        onInput=${event => setValue(event.target.value)} /></label>
      <button type="submit" class="main">Look</button>
      ${why && html`<p class="problem" role="alert">${why}</p>`}
    </form>
  </main>`
}

/** Whether the page is live, and how old the last word of the server is. */
const Dot = () => {
  useNow()
  const { isAway, heardAt } = useLive()
  const age = heardAt ? `${span(Date.now() - heardAt)} ago` : 'none yet'
  return html`<span class=${`dot ${isAway ? 'away' : 'live'}`} title=${`last word from the server: ${age}`}>
    <span aria-hidden="true">●</span> ${isAway ? 'away' : 'live'}
  </span>`
}

const AwayBand = () => {
  useNow()
  const { awaySince, retryAt } = useLive()
  const left = Math.max(0, retryAt - Date.now())
  return html`<p class="band away" role="status"><b>The server is away</b> since ${clock(awaySince)}. What you see is from then.
    Trying again in ${span(left)}.</p>`
}

const Bands = () => {
  const { status, isAway } = useLive()
  return html`${isAway && html`<${AwayBand} />`}
    ${
      status?.paused &&
      html`<p class="band warn">Writing is paused: nothing is changed in DNS until somebody resumes it. Events are still taken.</p>`
    }
    ${status?.idle && !status.paused && html`<p class="band">${status.idle}</p>`}`
}

const Search = ({ place }) => {
  const box = useRef(null)
  const isThere = place.view === 'names' && place.subject === null
  useKeys({ '/': () => box.current.focus() })
  // What stands in the box is what the URL says: a copy of it would lose a letter that is typed before it is drawn.
  const search = value => {
    go(linkTo('names', null, { ...(isThere ? place.query : {}), q: value }), { instead: isThere })
  }
  const pressed = event => {
    if (event.key === 'Escape') search('')
  }
  return html`<form role="search" onSubmit=${event => event.preventDefault()}>
    <label>Search <input ref=${box} type="search" name="q" value=${isThere ? (place.query.q ?? '') : ''} placeholder="name, address, MAC, client" autocomplete="off"
      spellcheck="false" onInput=${event => search(event.target.value)} onKeyDown=${pressed} /></label>
  </form>`
}

const Head = ({ place }) => {
  const { status } = useLive()
  const badge = { findings: status?.findings, holds: status?.holds }
  return html`<header>
    <a class="skip" href="#view" onClick=${event => {
      event.preventDefault()
      document.getElementById('view')?.focus()
    }}>Skip to the view</a>
    <div class="first">
      <a class="brand" href=${linkTo('now')}>Leasehold</a>
      <p class=${`sentence ${troublesOf(status).length > 0 ? 'bad' : 'good'}`}>${sentenceOf(status)}</p>
      <${Dot} />
    </div>
    <div class="second">
      <nav aria-label="Views">
        ${Object.entries(VIEWS).map(
          ([key, { title }]) =>
            html`<a href=${linkTo(key)} aria-current=${place.view === key ? 'page' : undefined}>${title}${
              badge[key] > 0 && html` <span class="badge">${badge[key]}</span>`
            }</a>`,
        )}
      </nav>
      <${Search} place=${place} />
    </div>
  </header>`
}

const Help = ({ onClose }) => {
  const box = useRef(null)
  useEffect(() => box.current.showModal(), [])
  return html`<dialog ref=${box} onClose=${onClose} aria-labelledby="keys">
    <h2 id="keys">Keys</h2>
    <dl class="keys">${KEYS.map(([key, what]) => html`<dt><kbd>${key}</kbd></dt><dd>${what}</dd>`)}</dl>
    <form method="dialog" class="buttons"><button class="main">Close</button></form>
  </dialog>`
}

const Page = () => {
  const place = usePlace()
  const { tokenAsked, isAway } = useLive()
  const [help, setHelp] = useState(false)
  useKeys({ '?': () => setHelp(true) })
  const known = VIEWS[place.view] ?? VIEWS.now
  const View = place.subject !== null && known.one ? known.one : known.view
  useEffect(() => {
    document.title = `${place.subject ?? known.title} · Leasehold`
  }, [place.view, place.subject])
  if (tokenAsked !== null) return html`<${AskToken} why=${tokenAsked} />`
  return html`<${Head} place=${place} />
    <${Bands} />
    <main id="view" tabindex="-1" class=${isAway ? 'old' : ''}><${View} place=${place} key=${place.subject ?? place.view} /></main>
    <p id="said" class="unseen" aria-live="polite"></p>
    ${help && html`<${Help} onClose=${() => setHelp(false)} />`}`
}

const page = document.getElementById('page')
page.textContent = ''
render(html`<${Page} />`, page)
live.start()
