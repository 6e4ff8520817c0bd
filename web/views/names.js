/*
 * Names: one row a name, found as one types, and drawn only as far as one sees.
 *
 * The server searches and sorts; the page holds the pages that were scrolled to. Of 50,000 rows some 40 are in the document:
 *
 *     ┌ above: empty, as high as its rows ┐
 *     │ the rows that are seen, and a few more │   a row near the end asks for the next page
 *     └ below: empty                      ┘
 */

import { call, live } from '../api.js'
import { go, linkTo, useKeys, useLive } from '../hooks.js'
import { Ago, Client, Instead, NameLink, Phase } from '../parts.js'
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from '../vendor/htm.js'
import { count, PHASES, seen } from '../words.js'

const PAGE = 100
/** Rows that are drawn above and below those that are seen. */
const MORE = 10
/** Milliseconds without a key, after which is searched; and in which changes gather. */
const PAUSE = 120
const GATHER = 1000

/** The columns: head, the field to sort by, and what a row shows. */
const COLUMNS = [
  ['name', 'name', ({ name }) => html`<${NameLink} name=${name} />`],
  ['address', 'address', ({ addresses }) => addresses.join(' ')],
  ['phase', 'phase', ({ phase, dueAt }) => phase && html`<${Phase} phase=${phase} dueAt=${dueAt} />`],
  ['lease until', 'expiry', ({ expiry }) => expiry && html`<${Ago} at=${expiry} />`],
  ['client', 'client', ({ client }) => html`<${Client} client=${client} />`],
  ['scope', 'scope', ({ scope }) => seen(scope)],
  [
    'origin',
    null,
    ({ origin, intent }) =>
      html`${intent.map(kind => html`<span class="said" key=${kind} title="a person said so">${SAID[kind] ?? kind}</span> `)}${origin}`,
  ],
  ['changed', 'updatedAt', ({ updatedAt }) => updatedAt && html`<${Ago} at=${updatedAt} />`],
]

/** What a person meant, as a mark in the row. */
const SAID = { pin: 'pinned', promote: 'promoted', assign: 'named', alias: 'alias' }

const FILTERS = {
  phase: Object.keys(PHASES),
  origin: ['dynamic', 'reservation', 'manual'],
  intent: ['pin', 'promote', 'assign', 'alias'],
}
const LABEL = { phase: 'Phase', origin: 'Origin', intent: 'A person said', scope: 'Scope' }

const pathFor = (query, cursor) => {
  const given = { ...query, limit: PAGE, ...(cursor && { cursor }) }
  const params = Object.entries(given).filter(([, value]) => value !== '' && value != null)
  return `/v1/names?${new URLSearchParams(params)}`
}

/** The rows that are known for a query, with `more` to ask for the next page. */
const useRows = query => {
  const key = JSON.stringify(query)
  const [state, setState] = useState({ items: [], total: null, next: null, problem: null })
  const asking = useRef(null)
  const ask = async (cursor, isSame) => {
    asking.current?.abort()
    const abort = new AbortController()
    asking.current = abort
    try {
      const page = await call('GET', pathFor(query, cursor), undefined, abort.signal)
      setState(was => {
        const items = cursor
          ? was.items.concat(page.items)
          : isSame
            ? page.items.concat(was.items.slice(page.items.length))
            : page.items
        const next = isSame && was.items.length > page.items.length ? was.next : page.next
        return { items, total: page.total, next, problem: null }
      })
      asking.current = null
    } catch (error) {
      if (error.name === 'AbortError') return
      asking.current = null
      if (!live.isAway) setState(was => ({ ...was, problem: error }))
    }
  }
  useEffect(() => {
    const timer = setTimeout(() => ask(null, false), state.total === null ? 0 : PAUSE)
    return () => clearTimeout(timer)
  }, [key])
  useEffect(() => {
    let timer = null
    const stop = live.onAudit(() => {
      timer ??= setTimeout(() => {
        timer = null
        if (!asking.current) ask(null, true)
      }, GATHER)
    })
    return () => {
      stop()
      clearTimeout(timer)
      asking.current?.abort()
    }
  }, [key])
  const more = () => state.next && !asking.current && ask(state.next, false)
  return { ...state, more }
}

/** How many names there are in all: asked for once a filter is set, so that the first sight of the list does not wait for it. */
const useTotal = isFiltered => {
  const [total, setTotal] = useState(null)
  useEffect(() => {
    if (!isFiltered) return
    call('GET', '/v1/names?limit=1').then(
      page => setTotal(page.total),
      () => {},
    )
  }, [isFiltered])
  return total
}

const written = number => number.toLocaleString('en')

const Chip = ({ field, values, place }) => html`<label class="chip">${LABEL[field]}
  <select value=${place.query[field] ?? ''} onChange=${event => go(linkTo('names', null, { ...place.query, [field]: event.target.value }))}>
    <option value="">any</option>
    ${values.map(value => html`<option value=${value}>${PHASES[value]?.word ?? SAID[value] ?? value}</option>`)}
  </select></label>`

const Heading = ({ title, field, sort, place }) => {
  if (field === null) return html`<span role="columnheader">${title}</span>`
  const is = sort === field ? 'ascending' : sort === `-${field}` ? 'descending' : 'none'
  const next = is === 'ascending' ? `-${field}` : field
  return html`<span role="columnheader" aria-sort=${is}>
    <button type="button" class="sort" onClick=${() => go(linkTo('names', null, { ...place.query, sort: next }))}>
      ${title} <span aria-hidden="true">${{ ascending: '▴', descending: '▾', none: '' }[is]}</span></button></span>`
}

const Row = ({
  item,
  at,
  isChosen,
}) => html`<div role="row" aria-rowindex=${at + 2} class=${`row ${isChosen ? 'chosen' : ''}`} data-at=${at}>
  ${COLUMNS.map(([title, , show]) => html`<span role="cell" class=${title.replace(' ', '-')}>${show(item)}</span>`)}
</div>`

/** The rows in a box as high as all of them, of which only those are drawn that are seen. */
const Rows = ({ items, more, chosen }) => {
  const box = useRef(null)
  const [seenPart, setSeen] = useState({ first: 0, last: 40 })
  const height = useRef(36)
  const measure = () => {
    const row = box.current?.querySelector('.row')
    if (row) height.current = row.offsetHeight || 36
    const { top } = box.current.getBoundingClientRect()
    const first = Math.max(0, Math.floor(-top / height.current) - MORE)
    const last = first + Math.ceil(innerHeight / height.current) + 2 * MORE
    setSeen(was => (was.first === first && was.last === last ? was : { first, last }))
  }
  useLayoutEffect(measure, [items.length])
  useEffect(() => {
    let frame = null
    const moved = () => {
      frame ??= requestAnimationFrame(() => {
        frame = null
        measure()
      })
    }
    addEventListener('scroll', moved, { passive: true })
    addEventListener('resize', moved)
    return () => {
      removeEventListener('scroll', moved)
      removeEventListener('resize', moved)
      cancelAnimationFrame(frame)
    }
  }, [])
  useEffect(() => {
    if (seenPart.last + MORE >= items.length) more()
  }, [seenPart, items])
  const { first, last } = seenPart
  return html`<div class="rows" role="rowgroup" ref=${box} style=${{ height: `${Math.max(items.length, 1) * height.current}px` }}>
    <div style=${{ transform: `translateY(${Math.min(first, items.length) * height.current}px)` }}>
      ${items.slice(first, last).map((item, i) => html`<${Row} key=${item.name} item=${item} at=${first + i} isChosen=${first + i === chosen} />`)}
    </div>
  </div>`
}

export const Names = ({ place }) => {
  useLive()
  const { q = '', phase = '', scope = '', origin = '', intent = '', sort = 'need' } = place.query
  const query = useMemo(() => ({ q, phase, scope, origin, intent, sort }), [q, phase, scope, origin, intent, sort])
  const { items, total, problem, more } = useRows(query)
  const [scopes, setScopes] = useState([])
  const [chosen, setChosen] = useState(-1)
  useEffect(
    () =>
      void call('GET', '/v1/scopes').then(
        ({ items }) => setScopes(items.map(({ name }) => name)),
        () => {},
      ),
    [],
  )
  const move = by => () => {
    const to = Math.min(items.length - 1, Math.max(0, chosen + by))
    setChosen(to)
    requestAnimationFrame(() => document.querySelector(`[data-at="${to}"]`)?.scrollIntoView({ block: 'nearest' }))
  }
  const open = () => items[chosen] && go(linkTo('names', items[chosen].name))
  useKeys({
    j: move(1),
    ArrowDown: move(1),
    k: move(-1),
    ArrowUp: move(-1),
    Enter: event => (event.target.tagName === 'A' ? event.target.click() : open()),
  })
  const isFiltered = q !== '' || phase !== '' || scope !== '' || origin !== '' || intent !== ''
  const all = useTotal(isFiltered)
  return html`<h1>Names</h1>
    <div class="filters">
      <${Chip} field="phase" values=${FILTERS.phase} place=${place} />
      <${Chip} field="scope" values=${scopes} place=${place} />
      <${Chip} field="origin" values=${FILTERS.origin} place=${place} />
      <${Chip} field="intent" values=${FILTERS.intent} place=${place} />
      <p class="pale" role="status">${total === null ? '' : isFiltered && all !== null ? `${written(total)} of ${written(all)}` : count(total, 'name')}</p>
    </div>
    ${total === null && html`<${Instead} problem=${problem} what="the names" />`}
    ${problem && total !== null && html`<p class="problem" role="alert">${problem.message}</p>`}
    ${
      total === 0 &&
      (isFiltered
        ? html`<p class="empty">No names match${q && html` “${seen(q)}”`}. <a href=${linkTo('names')}>Clear the filters</a></p>`
        : html`<p class="empty">No names yet. <a href=${linkTo('now')}>What to do first</a></p>`)
    }
    ${
      total > 0 &&
      html`<div role="table" class="names" aria-label="Names" aria-rowcount=${total + 1}>
        <div role="rowgroup"><div role="row" class="head">
          ${COLUMNS.map(([title, field]) => html`<${Heading} title=${title} field=${field} sort=${sort} place=${place} />`)}
        </div></div>
        <${Rows} items=${items} more=${more} chosen=${chosen} />
      </div>`
    }`
}
