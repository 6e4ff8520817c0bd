/*
 * The page at 50,000 names, in a headless Chromium: `npm run bench:page`. Prints one JSON line.
 *
 *     loadKilobytes    bodies of the first load of the view Now, as they came over the wire
 *     nowMs, namesMs   from the request of the page until a view with the server's data is drawn; the median of five tabs
 *     longestTaskMs    the longest task of the page's thread while a search is typed, a letter each 60 ms; 0 is below 50 ms
 *     searchMs         from the last letter until the rows of the answer are drawn
 *
 * The server runs in a process of its own, as it does for an operator: this one drives the browser.
 */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage } from '../test/real/face/browser.ts'
import { bareFace, eventOf, OPERATE } from '../test/real/face/face.ts'
import { median } from './statistics.ts'

const NAMES = 50_000
const TABS = 5
const LETTER_MS = 60
const TYPED = 'host4321'

const leases = Array.from({ length: NAMES }, (_, n) =>
  eventOf('committed', `10.1.${n >> 8}.${n & 255}`, n, { hostname: `host${n}` }),
)

/** The server with all names in DNS; it says where it listens, and ends with its parent. */
const serve = async (): Promise<void> => {
  const face = await bareFace()
  await face.report(leases)
  await face.settled()
  process.on('disconnect', () => void face.close().then(() => process.exit()))
  process.send!(face.url)
}

/** Milliseconds since the page was asked for, once what is looked for is drawn. */
const drawn = (selector: string): string => `new Promise(done => {
  const look = () => document.querySelector(${JSON.stringify(selector)})
    ? requestAnimationFrame(() => done(performance.now())) : requestAnimationFrame(look)
  look()
})`

const timed = async (browser: Browser, url: string, selector: string): Promise<{ ms: number; bytes: number }> => {
  const { page, bytes } = await openPage(browser, url, { token: OPERATE })
  const ms = Number(await page.evaluate(drawn(selector)))
  // The plot's own file is fetched last.
  if (selector === '.tile') await page.locator('.plot canvas').waitFor()
  const found = { ms, bytes: await bytes() }
  await page.context().close()
  return found
}

const several = async (browser: Browser, url: string, selector: string): Promise<{ ms: number; bytes: number }> => {
  const found: { ms: number; bytes: number }[] = []
  for (let i = 0; i < TABS; i += 1) found.push(await timed(browser, url, selector))
  return { ms: Math.round(median(found.map(({ ms }) => ms))), bytes: median(found.map(({ bytes }) => bytes)) }
}

const searched = async (page: Page): Promise<{ longest: number; ms: number }> => {
  await page.locator('.row').first().waitFor()
  await page.evaluate(`globalThis.tasks = [];
    new PerformanceObserver(list => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' })`)
  await page.getByLabel('Search').pressSequentially(TYPED, { delay: LETTER_MS })
  const last = performance.now()
  await page.getByRole('link', { name: `${TYPED}.lab.example` }).waitFor()
  await page.getByText(`of ${NAMES.toLocaleString('en')}`).waitFor()
  const ms = Math.round(performance.now() - last)
  const tasks = (await page.evaluate('tasks')) as number[]
  return { longest: Math.round(Math.max(0, ...tasks)), ms }
}

const measure = async (): Promise<void> => {
  const child = fork(fileURLToPath(import.meta.url), ['serve'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const [url] = await once(child, 'message')
  assert(typeof url === 'string')
  const browser = await openBrowser()
  const now = await several(browser, url, '.tile')
  const names = await several(browser, `${url}/#/names`, '.row .name')
  const { page, faults } = await openPage(browser, `${url}/#/names`, { token: OPERATE })
  const search = await searched(page)
  assert.deepEqual(faults, [])
  await browser.close()
  child.disconnect()
  await once(child, 'exit')
  const figures = {
    names: NAMES,
    loadKilobytes: Math.round(now.bytes / 100) / 10,
    nowMs: now.ms,
    namesMs: names.ms,
    longestTaskMs: search.longest,
    searchMs: search.ms,
  }
  process.stdout.write(`${JSON.stringify(figures)}\n`)
}

await (process.argv[2] === 'serve' ? serve() : measure())
