/* Findings: what is not as it should be, the gravest first, each with what to do and the command ready to copy. */

import { useAnswer, useLive } from '../hooks.js'
import { Ago, Instead, Remedy } from '../parts.js'
import { html } from '../vendor/htm.js'
import { seen } from '../words.js'

const GRAVE = ['error', 'warning', 'info']
const TITLE = { error: 'Names are missing or wrong', warning: 'Names may go missing or wrong', info: 'Worth a look' }

const Finding = ({
  finding: { id, kind, severity, subject, reason, remedy, since },
}) => html`<article class=${`finding ${severity}`} id=${id}>
  <h3>${seen(subject)} <span class="tag">${kind}</span></h3>
  <p>${seen(reason)}</p>
  <${Remedy} text=${remedy} />
  <p class="pale"><${Ago} at=${since} /></p>
</article>`

/** The findings in the order of how grave they are. */
export const gravestFirst = items => items.toSorted((a, b) => GRAVE.indexOf(a.severity) - GRAVE.indexOf(b.severity))

const FindingList = ({ items }) =>
  html`${GRAVE.filter(grave => items.some(({ severity }) => severity === grave)).map(
    grave => html`<section key=${grave}><h2>${TITLE[grave]}</h2>
    ${items.filter(({ severity }) => severity === grave).map(one => html`<${Finding} key=${one.id} finding=${one} />`)}</section>`,
  )}`

export const Findings = () => {
  const { status, heardAt } = useLive()
  const { answer, problem } = useAnswer('/v1/findings', () => false, status?.findings)
  return html`<h1>Findings</h1>
    ${
      !answer
        ? html`<${Instead} problem=${problem} what="the findings" />`
        : answer.items.length === 0
          ? html`<p class="empty">Nothing to do. Last looked <${Ago} at=${new Date(heardAt || Date.now()).toISOString()} />.</p>`
          : html`<${FindingList} items=${answer.items} />`
    }`
}
