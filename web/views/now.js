/* Now: the whole at a glance. Findings come first, then the counts, the updates a minute, the servers and Keas, the last run. */

import { linkTo, useAnswer, useLive } from '../hooks.js'
import { Ago, Instead, Table } from '../parts.js'
import { Plot } from '../plot.js'
import { html } from '../vendor/htm.js'
import { count, PHASES, seen } from '../words.js'
import { gravestFirst } from './findings.js'

/** The counts that are shown first, by phase. */
const TILES = ['published', 'retained', 'awaiting', 'pending', 'conflict', 'protected']
/** Findings on the first view; the others are behind a link. */
const FIRST = 3

const Tile = ({ phase, number }) => html`<a class=${`tile ${phase}`} href=${linkTo('names', null, { phase })}>
  <b>${number.toLocaleString('en')}</b>${' '}
  <span class=${`phase ${phase}`}><span aria-hidden="true">${PHASES[phase].shape}</span> ${PHASES[phase].word}</span>
</a>`

const LANE = { open: '● answers', refused: '▲ refuses', unreachable: '▲ does not answer', gone: '■ is gone' }

const Servers = ({ lanes }) => html`<section><h2>DNS servers</h2><${Table}
  heads=${['server', 'zone', 'state', 'owned#', 'waiting#', 'last answer']}
  rows=${lanes.map(({ backend, zone, state, owned, waiting, lastAnswer, problem }) => ({
    key: `${backend} ${zone}`,
    cells: [
      seen(backend),
      seen(zone),
      html`<span class=${`state ${state}`}>${LANE[state]}</span>${problem && html`<br /><small>${seen(problem)}</small>`}`,
      owned.toLocaleString('en'),
      waiting.toLocaleString('en'),
      html`<${Ago} at=${lastAnswer} />`,
    ],
  }))} /></section>`

const Keas = ({ keas }) =>
  keas.length > 0 &&
  html`<section><h2>Kea</h2><${Table} heads=${['Kea', 'service', 'state', 'last complete listing']}
    rows=${keas.map(({ kea, service, reachable, problem, lastListing, ha }) => ({
      key: `${kea} ${service}`,
      cells: [
        seen(kea),
        service,
        html`<span class=${`state ${reachable ? 'open' : 'unreachable'}`}>${reachable ? '● answers' : '▲ does not answer'}</span>
          ${ha && html` ${seen(ha.state ?? ha.active)}`}${problem && html`<br /><small>${seen(problem)}</small>`}`,
        html`<${Ago} at=${lastListing} />`,
      ],
    }))} /></section>`

/** The first findings in a line each; what to do stands behind the link. */
const Gravest = ({ items }) =>
  items.length > 0 &&
  html`<section><h2>${count(items.length, 'finding')}</h2><ul class="gravest">${gravestFirst(items)
    .slice(0, FIRST)
    .map(
      ({ id, severity, subject, reason }) => html`<li key=${id} class=${`finding ${severity}`}>
        <a href=${linkTo('findings')}><b>${seen(subject)}</b></a> ${seen(reason)}</li>`,
    )}</ul>
    <p><a href=${linkTo('findings')}>What to do${items.length > FIRST && ` (all ${items.length})`}</a></p></section>`

const Run = ({ run }) => html`<section><h2>Last run</h2>
  ${
    run
      ? html`<p><${Ago} at=${run.finishedAt ?? run.startedAt} /> (${seen(run.cause)}): <b>${run.result}</b>,
          ${` ${run.begun} new or changed, ${run.ended} ended, ${run.held} held.`}</p>`
      : html`<p>There was none yet.</p>`
  }</section>`

/** No lease was heard of yet: the next step, with this server's own address. */
const NoLeases = () => html`<section class="empty"><h2>No leases yet</h2>
  <p>Have Kea tell of its leases: name its control channel and its lease file in leasehold.json, or call the hook script. To try it:</p>
  <pre tabindex="0">curl -s ${location.origin}/v1/events -H 'content-type: application/json' -d '{"event": "committed",
  "ip-address": "192.168.1.20", "hw-address": "02:00:00:00:00:01", "valid-lft": 3600, "hostname": "laptop"}'</pre></section>`

export const Now = () => {
  const { status } = useLive()
  const findings = useAnswer('/v1/findings', () => false, status?.findings)
  if (status === null) return html`<h1>Now</h1><${Instead} what="the state" />`
  const items = findings.answer?.items ?? []
  return html`<h1>Now</h1>
    <${Gravest} items=${items} />
    <div class="tiles">${TILES.map(phase => html`<${Tile} key=${phase} phase=${phase} number=${status.records[phase] ?? 0} />`)}</div>
    ${status.leases === 0 && html`<${NoLeases} />`}
    <section><h2>Updates a minute</h2><${Plot} told=${status.updates} /></section>
    <${Servers} lanes=${status.dns} />
    <${Keas} keas=${status.kea} />
    <${Run} run=${status.reconcile} />`
}
