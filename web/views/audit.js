/* Audit: every decision, every answer of DNS and what people meant, the newest first; and who had an address at a time. */

import { call, live } from '../api.js'
import { go, linkTo } from '../hooks.js'
import { Client, Instead, NameLink, Table } from '../parts.js'
import { html, useEffect, useState } from '../vendor/htm.js'
import { exact, inShort, seen } from '../words.js'

/** The filters, each with its label and what is typed. */
const FILTERS = [
  ['name', 'Name', 'nas.lab.example'],
  ['address', 'Address', '10.1.0.5'],
  ['client', 'Client or MAC', '02:00:00:00:00:01'],
  ['verb', 'Verb', 'publish'],
  ['rule', 'Rule', 'expired'],
]

const pathFor = (query, cursor) => {
  const { at, ...others } = query
  const given = { ...others, ...(at && { at: new Date(at).toISOString() }), limit: 100, ...(cursor && { cursor }) }
  return `/v1/audit?${new URLSearchParams(Object.entries(given).filter(([, value]) => value))}`
}

const rowOf = ({ at, what, verb, record, reason, by, client, cause, scope }, i) => ({
  key: `${at} ${i}`,
  kind: what,
  cells: [
    html`<time dateTime=${at} title=${exact(at)}>${inShort(at)}</time>`,
    html`<b>${verb}</b>`,
    record.name && html`<${NameLink} name=${record.name} /> <code>${record.type ?? ''} ${seen(record.value)}</code>`,
    client && html`<${Client} client=${client} />`,
    scope && seen(scope),
    html`${seen(reason)} <small>${by ? `by ${seen(by)}` : seen(cause)}</small>`,
  ],
})

export const Audit = ({ place }) => {
  const { query } = place
  const [typed, setTyped] = useState(query)
  const [{ items, next, problem }, setState] = useState({ items: null, next: null, problem: null })
  const ask = cursor =>
    call('GET', pathFor(query, cursor)).then(
      page =>
        setState(was => ({
          items: cursor ? was.items.concat(page.items) : page.items,
          next: page.next,
          problem: null,
        })),
      error => !live.isAway && setState({ items: null, next: null, problem: error }),
    )
  const key = JSON.stringify(query)
  useEffect(() => {
    setTyped(query)
    ask(null)
    let timer = null
    const stop = live.onAudit(() => {
      timer ??= setTimeout(() => {
        timer = null
        if (scrollY < 200) ask(null)
      }, 1000)
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [key])
  const send = event => {
    event.preventDefault()
    go(linkTo('audit', null, typed))
  }
  const field = (name, label, placeholder, type = 'text') => html`<label>${label}
    <input name=${name} type=${type} value=${typed[name] ?? ''} placeholder=${placeholder} autocomplete="off"
      onInput=${event => setTyped({ ...typed, [name]: event.target.value })} /></label>`
  return html`<h1>Audit</h1>
    <form class="filters" onSubmit=${send}>
      ${FILTERS.map(([name, label, placeholder]) => field(name, label, placeholder))}
      ${field('at', 'Who had the address at', '', 'datetime-local')}
      <button type="submit" class="main">Find</button> <a href=${linkTo('audit')}>Clear</a>
    </form>
    ${items === null && html`<${Instead} problem=${problem} what="the audit" />`}
    ${items?.length === 0 && html`<p class="empty">No entry is like that.</p>`}
    ${
      items?.length > 0 &&
      html`<${Table} kind="audit" heads=${['when', 'what', 'record', 'client', 'scope', 'why']} rows=${items.map(rowOf)} />
        ${next && html`<p><button type="button" onClick=${() => ask(next)}>More</button></p>`}`
    }`
}
