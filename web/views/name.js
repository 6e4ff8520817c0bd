/*
 * One name: why it is there, until when, and what would change that; then what DNS holds, the lease, the policy, who said what,
 * and the history as sentences.
 *
 * The buttons are what the server allows now. One that would do nothing says why in words beside it.
 */

import { call } from '../api.js'
import { Dialog, Undo } from '../dialog.js'
import { linkTo, useAnswer, useKeys, useLive } from '../hooks.js'
import { Ago, Client, Copy, Instead, Phase, Until } from '../parts.js'
import { html, useState } from '../vendor/htm.js'
import { exact, FROM, fieldValue, seen } from '../words.js'

/** The actions in the order of the buttons: what the API calls them, the button, and what undoes it for ten seconds. */
const ACTIONS = [
  { path: 'pin', label: 'Pin', until: true, undo: ['unpin', 'Unpin'] },
  { path: 'unpin', label: 'Unpin', undo: ['pin', 'Pin'] },
  { path: 'release', label: 'Release', undo: ['restore', 'Restore'] },
  { path: 'promote', label: 'Promote' },
  { path: 'demote', label: 'Demote' },
  { path: 'give-back', label: 'Give back' },
  { path: 'restore', label: 'Restore' },
]

const Buttons = ({ name, actions, onAct }) => {
  const { isAway } = useLive()
  const known = Object.fromEntries(actions.map(one => [one.action, one]))
  const off = ACTIONS.filter(({ path }) => !known[path]).map(({ label }) => label)
  return html`<div class="actions" role="group" aria-label=${`Actions on ${name}`}>
      ${ACTIONS.map(
        act => html`<button type="button" key=${act.path} disabled=${isAway || !known[act.path]}
          title=${known[act.path]?.does ?? ''} onClick=${() => onAct(act)}>${act.label}</button>`,
      )}
    </div>
    ${off.length > 0 && html`<p class="pale">Would change nothing now: ${off.join(', ')}.</p>`}`
}

const Records = ({ records }) => html`<section><h2>What DNS holds</h2>
  ${
    records.length === 0
      ? html`<p>Nothing of ours.</p>`
      : html`<div class="wide" tabindex="0"><table>
        <thead><tr><th>record</th><th>state</th><th>wanted</th><th>in DNS</th><th>changed</th></tr></thead>
        <tbody>${records.map(
          one => html`<tr key=${`${one.name} ${one.type} ${one.value}`}>
            <td><code>${seen(one.name)} ${one.type} ${seen(one.value)}</code><br /><small>${seen(one.reason)}</small>
              ${one.problem && html`<br /><small class="problem">${seen(one.problem.detail)}</small>`}</td>
            <td><${Phase} phase=${one.phase} dueAt=${one.dueAt} /></td>
            <td>${one.wanted ? `TTL ${one.wanted.ttl}` : 'no'}</td><td>${one.applied ? `TTL ${one.applied.ttl}` : 'no'}</td>
            <td><${Ago} at=${one.updatedAt} /></td></tr>`,
        )}</tbody></table></div>`
  }</section>`

const Leases = ({ leases }) =>
  leases.length > 0 &&
  html`<section><h2>Lease</h2>${leases.map(
    ({ address, client, expiry, state, hostname, scope }) => html`<p key=${address}>
      <code>${address}</code> <${Client} client=${client} />, ${state === 'default' ? 'in use' : state},
      ${expiry ? html` for <${Until} at=${expiry} />` : ' without an end'}; asks for “${seen(hostname)}” in ${seen(scope)}.
      ${' '}<a href=${linkTo('audit', null, { address })}>Who had ${address}</a></p>`,
  )}</section>`

const Policy = ({ policy, scopes }) => {
  if (!policy) return ''
  const { scope, ...fields } = policy
  const from = scopes?.items.find(({ name }) => name === scope)?.from ?? {}
  return html`<section><h2>Policy of ${seen(scope)}</h2>
    <details><summary>Each field, and where it comes from</summary>
      <dl class="policy">${Object.entries(fields).map(
        ([field, value]) =>
          html`<dt>${field}</dt><dd>${fieldValue(value)} ${from[field] && html`<small>${FROM[from[field]]}</small>`}</dd>`,
      )}</dl></details></section>`
}

const Intents = ({ intent }) =>
  intent.length > 0 &&
  html`<section><h2>Who said what</h2><ul>${intent.map(
    ({
      kind,
      by,
      at,
      why,
      until,
    }) => html`<li key=${kind}><b>${kind}</b> by ${seen(by)}, <${Ago} at=${at} />${why && html`: “${seen(why)}”`}
      ${until && html`, for <${Until} at=${until} />`}</li>`,
  )}</ul></section>`

const History = ({ history }) => html`<section><h2>History</h2>
  <ol class="history">${history.map(
    ({ at, verb, what, record, reason, by, cause }) => html`<li class=${what}>
      <time dateTime=${at}>${exact(at)}</time>
      <span><b>${verb}</b> ${record.type && html`<code>${record.type} ${seen(record.value)}</code>`} ${seen(reason)}${' '}
        <small>${by ? `by ${seen(by)}` : seen(cause)}</small></span></li>`,
  )}</ol></section>`

const concerns = name => entry => entry.record?.name === name || entry.record?.value === name

export const Name = ({ place }) => {
  const name = place.subject
  const { answer, problem, ask } = useAnswer(`/v1/names/${encodeURIComponent(name)}`, concerns(name))
  const scopes = useAnswer('/v1/scopes', () => false)
  const [acting, setActing] = useState(null)
  const [done, setDone] = useState(null)
  const actions = answer?.actions ?? []
  const act = one => actions.find(({ action }) => action === one.path)
  useKeys({ p: () => act(ACTIONS[0]) && setActing(ACTIONS[0]) })
  if (!answer)
    return html`<h1>${seen(name)}</h1>
      ${problem?.status === 404 ? html`<p class="empty">Nothing is known of it. <a href=${linkTo('names')}>All names</a></p>` : html`<${Instead} problem=${problem} what="the name" />`}`
  const run = one => async body => {
    const { why, until } = answer.intent.find(({ kind }) => kind === 'pin') ?? {}
    const { $status } = await call('POST', `/v1/names/${encodeURIComponent(name)}/${one.path}`, body)
    ask()
    // A standby answers 202: it keeps what was asked for the one that leads.
    const what = `${name}: ${one.label.toLowerCase()},`
    const said = $status === 202 ? `${what} taken; the Leasehold that leads does it.` : `${what} done.`
    setDone(
      one.undo
        ? {
            said,
            path: `/v1/names/${encodeURIComponent(name)}/${one.undo[0]}`,
            body: one.path === 'unpin' ? { ...(why && { why }), ...(until && { until }) } : {},
            label: `Undo (${one.undo[1]})`,
          }
        : null,
    )
    return said
  }
  const forget = () => {
    setDone(null)
    ask()
  }
  return html`<h1 class="of-name">${seen(name)} <${Copy} text=${name} /></h1>
    <p class="reason">${answer.phase && html`<${Phase} phase=${answer.phase} dueAt=${answer.dueAt} />`} ${seen(answer.reason)}</p>
    ${answer.explain.length > 0 && html`<ul class="explain">${answer.explain.map(one => html`<li>${seen(one.says)}</li>`)}</ul>`}
    <${Buttons} name=${name} actions=${actions} onAct=${setActing} />
    ${done && html`<${Undo} ...${done} onDone=${forget} />`}
    <${Records} records=${answer.records} />
    <${Leases} leases=${answer.leases} />
    <${Intents} intent=${answer.intent} />
    <${Policy} policy=${answer.policy} scopes=${scopes.answer} />
    <${History} history=${answer.history} />
    ${
      acting &&
      html`<${Dialog} title=${`${acting.label} ${seen(name)}?`} effect=${seen(act(acting)?.does ?? '')} verb=${acting.label}
        asks=${{ why: true, until: acting.until }} run=${run(acting)} onClose=${() => setActing(null)} />`
    }`
}
