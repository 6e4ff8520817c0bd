/* Holds: what would remove too much at once, and waits for a person. Nothing goes until it is approved. */

import { call } from '../api.js'
import { Dialog } from '../dialog.js'
import { useAnswer, useLive } from '../hooks.js'
import { Ago, Client, Instead, NameLink } from '../parts.js'
import { html, useState } from '../vendor/htm.js'
import { count, fieldValue, seen } from '../words.js'

const Endings = ({ endings, total }) => {
  const [text, setText] = useState('')
  const shown = endings.filter(one => `${one.name} ${one.address} ${one.client}`.includes(text.toLowerCase()))
  return html`<details><summary>The leases (${total})</summary>
    <label>Find <input type="search" value=${text} onInput=${event => setText(event.target.value)} /></label>
    <div class="wide"><table><thead><tr><th>name</th><th>address</th><th>client</th><th>how</th><th>why</th></tr></thead>
      <tbody>${shown.map(
        one => html`<tr key=${one.address}><td>${one.name ? html`<${NameLink} name=${one.name} />` : ''}</td><td>${one.address}</td>
          <td><${Client} client=${one.client} /></td><td>${one.kind}</td><td>${seen(one.why)}</td></tr>`,
      )}</tbody></table></div>
    ${total > endings.length && html`<p class="pale">The first ${endings.length} of ${total}.</p>`}</details>`
}

const Change = ({ policy }) => html`<p>${seen(policy.by)} would set ${Object.entries(policy.fields).map(
  ([field, value]) => html`<b>${field}</b> to ${value === null ? 'its default' : fieldValue(value)} `,
)}</p>
<details><summary>What would go</summary><ul>${policy.going.map(
  ({ record, reason }) =>
    html`<li><code>${seen(record.name)} ${record.type} ${seen(record.value)}</code> ${seen(reason)}</li>`,
)}</ul></details>`

const Hold = ({ hold, onAct }) => {
  const { isAway } = useLive()
  const isOpen = hold.state === 'open'
  return html`<article class=${`hold ${hold.state}`}>
    <h2>${seen(hold.scope)}: ${count(hold.records, 'record')} of ${hold.owned} <span class="tag">${hold.state}</span></h2>
    ${isOpen && html`<p><b>DNS keeps all ${hold.owned} records until you decide.</b></p>`}
    <p>${seen(hold.reason)}</p>
    <p class="pale">since <${Ago} at=${hold.openedAt} />, by ${seen(hold.cause)}${hold.decidedAt && html`; decided <${Ago} at=${hold.decidedAt} />`}</p>
    ${hold.policy ? html`<${Change} policy=${hold.policy} />` : html`<${Endings} endings=${hold.endings} total=${hold.total} />`}
    ${
      isOpen &&
      html`<div class="buttons"><button type="button" disabled=${isAway} onClick=${() => onAct(hold, 'reject')}>Reject</button>
        <button type="button" class="danger" disabled=${isAway} onClick=${() => onAct(hold, 'approve')}>Approve</button></div>`
    }
  </article>`
}

const EFFECT = {
  approve: ({ records, scope }) => `${count(records, 'record')} of ${scope} go from DNS now, as far as it still is so.`,
  reject: () => 'Nothing goes, and it is not proposed again.',
}

export const Holds = () => {
  const { status } = useLive()
  const { answer, problem, ask } = useAnswer('/v1/holds', () => false, status?.holds)
  const [acting, setActing] = useState(null)
  if (!answer) return html`<h1>Holds</h1><${Instead} problem=${problem} what="the holds" />`
  const run =
    ({ hold, verb }) =>
    async () => {
      await call('POST', `/v1/holds/${hold.id}/${verb}`)
      ask()
      return `Hold ${hold.id}: ${verb === 'approve' ? 'approved' : 'rejected'}.`
    }
  return html`<h1>Holds</h1>
    ${answer.items.length === 0 && html`<p class="empty">Nothing waits for you. What would remove too much at once would stand here.</p>`}
    ${answer.items.map(hold => html`<${Hold} key=${hold.id} hold=${hold} onAct=${(one, verb) => setActing({ hold: one, verb })} />`)}
    ${
      acting &&
      html`<${Dialog} title=${`${acting.verb === 'approve' ? 'Approve' : 'Reject'} hold ${acting.hold.id}?`} effect=${EFFECT[acting.verb](acting.hold)}
        verb=${acting.verb === 'approve' ? `Approve: ${count(acting.hold.records, 'record')}` : 'Reject'} run=${run(acting)} onClose=${() => setActing(null)} />`
    }`
}
