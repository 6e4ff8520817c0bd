/* Now: the whole at a glance. Findings come first, then the counts, the servers and Keas, the last run, and the updates a minute. */

import { linkTo, useAnswer, useLive } from '../hooks.js'
import { Ago, Instead } from '../parts.js'
import { Plot } from '../plot.js'
import { html } from '../vendor/htm.js'
import { PHASES, seen } from '../words.js'
import { FindingList } from './findings.js'

/** The counts that are shown first, by phase. */
const TILES = ['published', 'retained', 'awaiting', 'pending', 'conflict', 'protected']
/** Findings on the first view; the others are behind a link. */
const FIRST = 3

const Tile = ({ phase, count }) => html`<a class=${`tile ${phase}`} href=${linkTo('names', null, { phase })}>
  <b>${count.toLocaleString('en')}</b>
  <span class=${`phase ${phase}`}><span aria-hidden="true">${PHASES[phase].shape}</span> ${PHASES[phase].word}</span>
</a>`

const LANE = { open: '● answers', refused: '▲ refuses', unreachable: '▲ does not answer', gone: '■ is gone' }

const Servers = ({ lanes }) => html`<section><h2>DNS servers</h2>
  <div class="wide"><table>
    <thead><tr><th>server</th><th>zone</th><th>state</th><th>owned</th><th>waiting</th><th>last answer</th></tr></thead>
    <tbody>${lanes.map(
      ({ backend, zone, state, owned, waiting, lastAnswer, problem }) => html`<tr key=${`${backend} ${zone}`}>
        <td>${seen(backend)}</td><td>${seen(zone)}</td>
        <td><span class=${`state ${state}`}>${LANE[state]}</span>${problem && html`<br /><small>${seen(problem)}</small>`}</td>
        <td class="number">${owned.toLocaleString('en')}</td><td class="number">${waiting.toLocaleString('en')}</td>
        <td><${Ago} at=${lastAnswer} /></td></tr>`,
    )}</tbody>
  </table></div></section>`

const Keas = ({ keas }) =>
  keas.length > 0 &&
  html`<section><h2>Kea</h2>
    <div class="wide"><table>
      <thead><tr><th>Kea</th><th>service</th><th>state</th><th>last complete listing</th></tr></thead>
      <tbody>${keas.map(
        ({ kea, service, reachable, problem, lastListing, ha }) => html`<tr key=${`${kea} ${service}`}>
          <td>${seen(kea)}</td><td>${service}</td>
          <td><span class=${`state ${reachable ? 'open' : 'unreachable'}`}>${reachable ? '● answers' : '▲ does not answer'}</span>
            ${ha && html` ${seen(ha.state ?? ha.active)}`}
            ${problem && html`<br /><small>${seen(problem)}</small>`}</td>
          <td><${Ago} at=${lastListing} /></td></tr>`,
      )}</tbody>
    </table></div></section>`

const Run = ({ run }) => html`<section><h2>Last run</h2>
  ${
    run
      ? html`<p><${Ago} at=${run.finishedAt ?? run.startedAt} /> (${seen(run.cause)}): <b>${run.result}</b>, ${run.begun} new or changed,
          ${run.ended} ended, ${run.held} held.</p>`
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
    ${items.length > 0 && html`<${FindingList} items=${items} most=${FIRST} />`}
    ${items.length > FIRST && html`<p><a href=${linkTo('findings')}>All ${items.length} findings</a></p>`}
    ${status.holds > 0 && html`<p class="band warn"><a href=${linkTo('holds')}>${status.holds} holds wait for you.</a></p>`}
    <div class="tiles">${TILES.map(phase => html`<${Tile} key=${phase} phase=${phase} count=${status.records[phase] ?? 0} />`)}</div>
    ${status.leases === 0 && html`<${NoLeases} />`}
    <section><h2>Updates a minute</h2><${Plot} told=${status.updates} /></section>
    <${Servers} lanes=${status.dns} />
    <${Keas} keas=${status.kea} />
    <${Run} run=${status.reconcile} />`
}
