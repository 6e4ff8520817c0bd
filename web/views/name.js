/*
 * One name: why it is there, until when, and what would change that; then what DNS holds, the lease, the policy, who said what,
 * and the history as sentences.
 *
 * The buttons are what the server allows now. One that would do nothing says why in words beside it.
 */

import { call } from '../api.js'
import { Dialog, Undo } from '../dialog.js'
import { linkTo, useAnswer, useKeys, useLive } from '../hooks.js'
import { Ago, Client, Copy, Instead, Phase, Table, Until } from '../parts.js'
import { html, useState } from '../vendor/htm.js'
import { exact, FROM, fieldValue, seen } from '../words.js'

/** Changes of an action that are shown one by one. */
const SHOWN = 6

const isSaid = (intent, kind) => intent.some(one => one.kind === kind)
const isLiving = leases => leases.some(({ state }) => state === 'default')

/**
 * The actions in the order of the buttons: what the API calls them, the button, what undoes it for ten seconds, and why it
 * cannot be done now where the server does not offer it.
 */
const ACTIONS = [
  { path: 'pin', label: 'Pin', until: true, undo: ['unpin', 'Unpin'], not: () => 'it is pinned' },
  { path: 'unpin', label: 'Unpin', undo: ['pin', 'Pin'], not: () => 'it is not pinned' },
  {
    path: 'release',
    label: 'Release',
    undo: ['restore', 'Restore'],
    not: ({ leases }) => (isLiving(leases) ? 'its lease lives' : 'nothing of it stays'),
  },
  {
    path: 'promote',
    label: 'Promote',
    not: ({ intent }) => (isSaid(intent, 'promote') ? 'it is promoted' : 'nobody holds it'),
  },
  { path: 'demote', label: 'Demote', not: () => 'it is not promoted' },
  { path: 'give-back', label: 'Give back', not: () => 'no person changed it' },
  {
    path: 'restore',
    label: 'Restore',
    not: ({ phase }) => (phase === 'removed' ? 'its address is somebody else’s' : 'it was not removed'),
  },
]

const Buttons = ({ answer, onAct }) => {
  const { isAway } = useLive()
  const known = Object.fromEntries(answer.actions.map(one => [one.action, one]))
  const off = ACTIONS.filter(({ path }) => !known[path]).map(({ label, not }) => `${label}: ${not(answer)}`)
  return html`<div class="actions" role="group" aria-label=${`Actions on ${answer.name}`}>
      ${ACTIONS.map(
        act => html`<button type="button" key=${act.path} disabled=${isAway || !known[act.path]}
          title=${known[act.path]?.does ?? act.not(answer)} onClick=${() => onAct(act)}>${act.label}</button>`,
      )}
    </div>
    ${off.length > 0 && html`<p class="pale">Not now. ${off.join('; ')}.</p>`}`
}

/** What an action means, and what it would change at once. */
const Effect = ({ action: { does, changes } }) => html`${seen(does)}
  ${
    changes.length > 0
      ? html`<ul class="effect">${changes
          .slice(0, SHOWN)
          .map(({ verb, record }) => html`<li>${verb} <code>${record.type} ${seen(record.value)}</code></li>`)}
          ${changes.length > SHOWN && html`<li>and ${changes.length - SHOWN} more</li>`}</ul>`
      : html`<br />Nothing changes in DNS now.`
  }`

const Records = ({ records }) => html`<section><h2>What DNS holds, and what is wanted</h2>
  ${
    records.length === 0
      ? html`<p>Nothing of ours.</p>`
      : html`<${Table} heads=${['record', 'state', 'wanted', 'in DNS', 'changed']} rows=${records.map(one => ({
          key: `${one.name} ${one.type} ${one.value}`,
          cells: [
            html`<span><code>${seen(one.name)} ${one.type} ${seen(one.value)}</code><br /><small>${seen(one.reason)}</small>
              ${one.problem && html`<br /><small class="problem">${seen(one.problem.detail)}</small>`}</span>`,
            html`<${Phase} phase=${one.phase} dueAt=${one.dueAt} />`,
            one.wanted ? `TTL ${one.wanted.ttl}` : 'no',
            one.applied ? `TTL ${one.applied.ttl}` : 'no',
            html`<${Ago} at=${one.updatedAt} />`,
          ],
        }))} />`
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
  const because = answer.explain.filter(({ says }) => says !== answer.reason)
  return html`<h1 class="of-name">${seen(name)} <${Copy} text=${name} /></h1>
    <p class="reason">${answer.phase && html`<${Phase} phase=${answer.phase} dueAt=${answer.dueAt} />`} ${seen(answer.reason)}</p>
    ${because.length > 0 && html`<ul class="explain">${because.map(one => html`<li>${seen(one.says)}</li>`)}</ul>`}
    <${Buttons} answer=${answer} onAct=${setActing} />
    ${done && html`<${Undo} ...${done} onDone=${forget} />`}
    <${Records} records=${answer.records} />
    <${Leases} leases=${answer.leases} />
    <${Intents} intent=${answer.intent} />
    <${Policy} policy=${answer.policy} scopes=${scopes.answer} />
    <${History} history=${answer.history} />
    ${
      acting &&
      html`<${Dialog} title=${`${acting.label} ${seen(name)}?`} effect=${act(acting) && html`<${Effect} action=${act(acting)} />`} verb=${acting.label}
        asks=${{ why: true, until: acting.until }} run=${run(acting)} onClose=${() => setActing(null)} />`
    }`
}
