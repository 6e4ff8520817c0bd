/* The updates of each minute of the last hour as a plot, with a table of the same for those who do not see it. */

import { live } from './api.js'
import { html, useEffect, useRef } from './vendor/htm.js'
import { clock } from './words.js'

const HEIGHT = 150

let loaded = null

/** uPlot, fetched when a plot is first drawn; the rest of the page does not wait for it. */
const load = () => {
  loaded ??= new Promise((resolve, reject) => {
    const script = document.createElement('script')
    script.src = 'web/vendor/uplot.js'
    script.onload = () => resolve(globalThis.uPlot)
    script.onerror = reject
    document.head.append(script)
  })
  return loaded
}

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

const optionsFor = width => ({
  width,
  height: HEIGHT,
  legend: { show: false },
  cursor: { show: false },
  scales: { y: { range: (_, __, most) => [0, Math.max(5, most)] } },
  axes: [
    {
      stroke: colour('--pale'),
      grid: { show: false },
      values: (_, marks) => marks.map(at => clock(at * 1000).slice(0, 5)),
    },
    { stroke: colour('--pale'), grid: { stroke: colour('--line'), width: 1 }, size: 45 },
  ],
  series: [
    {},
    { label: 'applied', stroke: colour('--good'), fill: `${colour('--good')}33`, width: 2, points: { show: false } },
    { label: 'not applied', stroke: colour('--bad'), width: 2, points: { show: false } },
  ],
})

const MINUTE = 60_000

/** Every minute of the last hour: those of which nothing is told had no answer. */
const whole = minutes => {
  const told = new Map(minutes.map(one => [Date.parse(one.at), one]))
  const last = live.now() - (live.now() % MINUTE)
  return Array.from({ length: 60 }, (_, i) => {
    const at = last - (59 - i) * MINUTE
    const { applied = 0, failed = 0 } = told.get(at) ?? {}
    return { at, applied, failed }
  })
}

/** `told` are `{at, applied, failed}`, the oldest first; a minute without an answer is left out. */
export const Plot = ({ told }) => {
  const minutes = whole(told)
  const box = useRef(null)
  const plot = useRef(null)
  const newest = useRef(null)
  const data = [
    minutes.map(({ at }) => at / 1000),
    minutes.map(({ applied }) => applied),
    minutes.map(({ failed }) => failed),
  ]
  newest.current = data
  useEffect(() => {
    let isHere = true
    const draw = async () => {
      const UPlot = await load().catch(() => null)
      if (!isHere || UPlot === null) return
      plot.current?.destroy()
      plot.current = new UPlot(optionsFor(box.current.clientWidth || 300), newest.current, box.current)
    }
    draw()
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    scheme.addEventListener('change', draw)
    addEventListener('resize', draw)
    return () => {
      isHere = false
      scheme.removeEventListener('change', draw)
      removeEventListener('resize', draw)
      plot.current?.destroy()
      plot.current = null
    }
  }, [])
  useEffect(() => plot.current?.setData(data), [JSON.stringify(data)])
  const busy = minutes.filter(({ applied, failed }) => applied + failed > 0)
  return html`<div class="plot" ref=${box} aria-hidden="true"></div>
    <p class="unseen">${
      busy.length === 0
        ? 'No updates in the last hour.'
        : busy.map(({ at, applied, failed }) => `${clock(at)}: ${applied} applied, ${failed} not.`).join(' ')
    }</p>`
}
