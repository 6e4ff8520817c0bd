/* Holds: what would remove too much at once, and waits for a person. Nothing goes until it is approved. */

import { call } from '../api.js'
import { Dialog } from '../dialog.js'
import { useAnswer, useLive } from '../hooks.js'
import { Ago, Client, Instead, NameLink, Table } from '../parts.js'
import { html, useState } from '../vendor/htm.js'
import { count, fieldValue, seen } from '../words.js'

/** So many lines are shown at once, without a box to find one. */
const FEW = 8

/** What would go, with a box to find something in it. `items` are of `total`; `textOf` is what is looked through. */
const Searched = ({ title, items, total, textOf, children }) => {
  const [text, setText] = useState('')
  const shown = items.filter(one => textOf(one).includes(text.toLowerCase()))
  return html`<details open=${items.length <= FEW}><summary>${title} (${total})</summary>
    ${items.length > FEW && html`<label>Find <input type="search" value=${text} onInput=${event => setText(event.target.value)} /></label>`}
    ${children(shown)}
    ${total > items.length && html`<p class="pale">The first ${items.length} of ${total}.</p>`}</details>`
}

const Endings = ({ endings, total }) => html`<${Searched} title="The leases" items=${endings} total=${total}
  textOf=${one => `${one.name} ${one.address} ${one.client}`}>
  ${shown => html`<${Table} heads=${['name', 'address', 'client', 'how', 'why']}
    rows=${shown.map(one => ({
      key: one.address,
      cells: [
        one.name && html`<${NameLink} name=${one.name} />`,
        one.address,
        html`<${Client} client=${one.client} />`,
        one.kind,
        seen(one.why),
      ],
    }))} />`}<//>`

const Change = ({ policy, records }) => html`<p>${seen(policy.by)} would set ${Object.entries(policy.fields).map(
  ([field, value], i) => html`${i > 0 && ', '}<b>${field}</b> to ${value === null ? 'its default' : fieldValue(value)}`,
)}.</p>
<${Searched} title="What would go" items=${policy.going} total=${records}
  textOf=${({ record }) => `${record.name} ${record.value}`}>
  ${shown =>
    html`<${Table} heads=${['record', 'why']} rows=${shown.map(({ record, reason }) => ({
      key: `${record.name} ${record.type} ${record.value}`,
      cells: [html`<code>${seen(record.name)} ${record.type} ${seen(record.value)}</code>`, seen(reason)],
    }))} />`}<//>`

const Hold = ({ hold, onAct }) => {
  const { isAway } = useLive()
  const isOpen = hold.state === 'open'
  return html`<article class=${`hold ${hold.state}`}>
    <h2>${seen(hold.scope)}: ${count(hold.records, 'record')} of ${hold.owned} <span class="tag">${hold.state}</span></h2>
    ${isOpen && html`<p><b>DNS keeps all ${hold.owned} records until you decide.</b></p>`}
    <p>${seen(hold.reason)}</p>
    <p class="pale"><${Ago} at=${hold.openedAt} />, by ${seen(hold.cause)}${hold.decidedAt && html`; decided <${Ago} at=${hold.decidedAt} />`}</p>
    ${hold.policy ? html`<${Change} policy=${hold.policy} records=${hold.records} />` : html`<${Endings} endings=${hold.endings} total=${hold.total} />`}
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
