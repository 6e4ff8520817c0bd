/*
 * Scopes: the policy of each subnet in words, where each field comes from, and a change that is previewed before it is saved.
 *
 *     [x] Do not delete DNS A/AAAA records on lease expiry
 *     Would remove 3, keep 120.   red.lab.example A 10.1.0.1: the lease expired, and ...
 *     [Save: removes 3 names]
 */

import { call } from '../api.js'
import { linkTo, useAnswer, useLive } from '../hooks.js'
import { Instead, say } from '../parts.js'
import { html, useEffect, useState } from '../vendor/htm.js'
import { count, FROM, fieldValue, seen, typed, untyped } from '../words.js'

const SHOWN = 8
/** Milliseconds after a change, before its preview is asked for. */
const PAUSE = 250

const onExpiry = ({ retainOnExpiry, grace }) =>
  retainOnExpiry
    ? 'is kept without end'
    : grace.expiry > 0
      ? `goes ${fieldValue({ after: grace.expiry })}`
      : 'goes at once'
const onRelease = ({ retainOnRelease, grace }) =>
  retainOnRelease
    ? 'is kept without end'
    : grace.release > 0
      ? `goes ${fieldValue({ after: grace.release })}`
      : 'goes at once'

/** The policy as a sentence. */
const inWords = policy =>
  `A name ${onExpiry(policy)} when its lease expires, and ${onRelease(policy)} when it is released. TTL ${fieldValue(policy.ttl)}.`

/** What becomes of so many records, by the verb of the decision. */
const WORDS = {
  remove: number => `remove ${number}`,
  forget: number => `forget ${number}`,
  keep: number => `keep ${number}`,
  publish: number => `write ${number} anew`,
  await: number => `let ${number} go later`,
  conflict: number => `put ${number} in conflict`,
  skip: number => `leave out ${number}`,
}

const totals = ({ counts }) => {
  const parts = Object.entries(counts).map(([verb, number]) => WORDS[verb]?.(number) ?? `${verb} ${number}`)
  return parts.length > 0 ? `Would ${parts.join(', ')} of the records.` : 'Would change nothing that is in DNS now.'
}

const removed = ({ counts }) => (counts.remove ?? 0) + (counts.forget ?? 0)

const Preview = ({ preview }) => {
  return html`<div class="preview" role="status">
    <p><b>${totals(preview)}</b></p>
    ${
      preview.held &&
      html`<p class="band warn">${preview.held.records} of ${preview.held.owned} records would go at once: it will wait as a hold until somebody approves it.</p>`
    }
    ${
      preview.changes.length > 0 &&
      html`<details open><summary>Which</summary><ul>${preview.changes
        .slice(0, SHOWN)
        .map(
          ({ verb, record, reason }) =>
            html`<li><b>${verb}</b> <code>${seen(record.name)} ${record.type} ${seen(record.value)}</code> ${seen(reason)}</li>`,
        )}</ul>${preview.changes.length + preview.more > SHOWN && html`<p>and ${preview.changes.length + preview.more - SHOWN} more.</p>`}</details>`
    }
  </div>`
}

/** A field for a duration. It is taken when the person leaves it, so that no half of it is previewed. */
const Duration = ({
  label,
  value,
  from,
  disabled,
  onTyped,
}) => html`<label>${label} <input size="6" value=${typed(value)}
  disabled=${disabled} title=${from} onChange=${event => event.target.value.trim() && onTyped(untyped(event.target.value))} /></label>`

const Scope = ({ scope, onSaved }) => {
  const { isAway } = useLive()
  const { name, subnet, domain, policy, from } = scope
  const [change, setChange] = useState({})
  const [preview, setPreview] = useState(null)
  const [problem, setProblem] = useState(null)
  const [held, setHeld] = useState(null)
  const [busy, setBusy] = useState(false)
  const path = `/v1/scopes/${encodeURIComponent(name)}`
  const isChanged = Object.keys(change).length > 0
  useEffect(() => {
    setPreview(null)
    setProblem(null)
    if (!isChanged) return
    const abort = new AbortController()
    const ask = () =>
      call('POST', `${path}/preview`, change, abort.signal).then(
        setPreview,
        error => error.name !== 'AbortError' && setProblem(error.message),
      )
    const timer = setTimeout(ask, PAUSE)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [JSON.stringify(change)])
  const set = (field, value) =>
    setChange(({ [field]: _, ...others }) =>
      JSON.stringify(value) === JSON.stringify(policy[field]) ? others : { ...others, [field]: value },
    )
  const save = async event => {
    event.preventDefault()
    setBusy(true)
    try {
      const answer = await call('PATCH', path, change)
      setHeld(answer.hold ?? null)
      setChange({})
      say(answer.hold ? `${name}: waits as hold ${answer.hold}` : `${name}: saved`)
      onSaved()
    } catch (error) {
      setProblem(error.message)
    }
    setBusy(false)
  }
  // A field that is reset has no value until it is saved: the one in force stands there.
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null))
  const shown = { ...policy, ...given }
  const origin = field => (field in given ? 'not saved yet' : (FROM[from?.[field]] ?? 'the default'))
  const going = preview ? removed(preview) : 0
  return html`<article class="scope" aria-labelledby=${`scope-${name}`}>
    <h2 id=${`scope-${name}`}>${seen(name)} <small>${subnet} · ${seen(domain)}</small></h2>
    <p>${inWords(policy)} <a href=${linkTo('names', null, { scope: name })}>Its names</a></p>
    <form onSubmit=${save}>
      <label class="check"><input type="checkbox" checked=${shown.retainOnExpiry} disabled=${isAway}
        onChange=${event => set('retainOnExpiry', event.target.checked)} /> <span>Do not delete DNS A/AAAA records on lease expiry
        <small> (${origin('retainOnExpiry')})</small></span></label>
      <${Duration} label="Grace after expiry" value=${shown.grace.expiry} from=${origin('grace')} disabled=${isAway}
        onTyped=${expiry => set('grace', { ...shown.grace, expiry })} />
      <${Duration} label="after release" value=${shown.grace.release} from=${origin('grace')} disabled=${isAway}
        onTyped=${release => set('grace', { ...shown.grace, release })} />
      ${
        typeof shown.ttl === 'number'
          ? html`<${Duration} label="TTL" value=${shown.ttl} from=${origin('ttl')} disabled=${isAway} onTyped=${ttl => set('ttl', ttl)} />`
          : html`<span>TTL ${fieldValue(shown.ttl)}</span>`
      }
      <label>Profile <select value=${shown.profile} disabled=${isAway} onChange=${event => set('profile', event.target.value)}>
        ${['conservative', 'balanced', 'aggressive'].map(one => html`<option value=${one} selected=${one === shown.profile}>${one}</option>`)}</select></label>
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      ${preview && html`<${Preview} preview=${preview} />`}
      ${
        isChanged &&
        html`<div class="buttons"><button type="button" onClick=${() => setChange({})}>Discard</button>
          <button type="submit" class="main" disabled=${isAway || busy || (!preview && !problem)}>${
            going > 0 ? `Save: removes ${count(going, 'record')}` : 'Save'
          }</button></div>`
      }
    </form>
    ${held !== null && html`<p class="band warn" role="status">Nothing changed yet: it waits as <a href=${linkTo('holds')}>hold ${held}</a>.</p>`}
    <details><summary>Every field</summary><dl class="policy">${Object.entries(policy).map(
      ([field, value]) => html`<dt>${field}</dt><dd>${fieldValue(value)} <small>${FROM[from?.[field]] ?? ''}</small>
        ${
          from?.[field] === 'api' &&
          html` <button type="button" class="small" disabled=${isAway} onClick=${() => setChange({ ...change, [field]: null })}>Reset</button>`
        }</dd>`,
    )}</dl></details>
  </article>`
}

export const Scopes = () => {
  const { answer, problem, ask } = useAnswer('/v1/scopes', entry => entry?.what === 'intent' || entry === null)
  if (!answer) return html`<h1>Scopes</h1><${Instead} problem=${problem} what="the scopes" />`
  return html`<h1>Scopes</h1>
    ${answer.items.length === 0 && html`<p class="empty">No scopes are in force: name them in leasehold.json, or the domains in Kea (ddns-qualifying-suffix).</p>`}
    ${answer.items.map(scope => html`<${Scope} key=${scope.name} scope=${scope} onSaved=${ask} />`)}`
}
