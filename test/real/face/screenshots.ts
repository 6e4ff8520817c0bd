/*
 * Pictures of every view of the page: `npm run screenshots`.
 *
 *     npm run screenshots              those that the docs show, small, into docs/screenshots
 *     npm run screenshots -- FOLDER    every view on a desk and on a phone, in both schemes, to be looked at
 *
 * What is seen are the names of a day (face.ts).
 */

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage, sees } from './browser.ts'
import { dayOf, eventOf, OPERATE } from './face.ts'
import { smallPng } from './small-png.ts'

const DOCS = fileURLToPath(new URL('../../../docs/screenshots/', import.meta.url))
/** Pixels. What is longer is cut there. */
const MOST_HIGH = { docs: 860, all: 1400 }

/** What is done to a view before its picture is taken. */
const PREPARE: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  now: page => page.locator('.plot canvas').waitFor(),
  scopes: async page => {
    await page
      .getByRole('article', { name: /guests/ })
      .getByRole('checkbox')
      .check()
    await sees(page, 'Would keep')
  },
  pin: async page => {
    await page.getByRole('button', { name: 'Pin', exact: true }).click()
    await page.getByRole('dialog').waitFor()
  },
}

const VIEWS: [file: string, hash: string, said: string][] = [
  ['now', '', 'Updates a minute'],
  ['names', '#/names', '24 names'],
  ['name', '#/names/reception.lab.example', 'the door phone'],
  ['pin', '#/names/nas.lab.example', 'What DNS holds'],
  ['scopes', '#/scopes', '10.2.0.0/16'],
  ['holds', '#/holds', 'Approve'],
  ['findings', '#/findings', 'should-be-reserved'],
  ['audit', '#/audit', 'node0'],
]

type Scheme = 'light' | 'dark'

/** Of the views on a phone the docs show these, the first one dark. */
const ON_PHONE: Readonly<Record<string, Scheme>> = { now: 'dark', names: 'light', name: 'light' }

/** A view, and the picture of it: as wide as a desk or a phone, no higher than the first screens. */
const pictureOf = async (
  browser: Browser,
  url: string,
  [file, hash, said]: (typeof VIEWS)[number],
  { high, ...look }: { high: number; width: number; scheme: Scheme },
): Promise<Buffer> => {
  const { page } = await openPage(browser, `${url}/${hash}`, { token: OPERATE, height: 820, ...look })
  await page.locator('.sentence.bad').waitFor()
  await sees(page, said)
  await PREPARE[file]?.(page)
  const height = Math.min(high, Number(await page.evaluate('document.documentElement.scrollHeight')))
  await page.setViewportSize({ width: look.width, height })
  const picture = await page.screenshot({ animations: 'disabled' })
  await page.context().close()
  return picture
}

const all = process.argv[2]
const folder = all ?? DOCS
await mkdir(folder, { recursive: true })
const face = await dayOf()
await face.report([eventOf('committed', '10.1.0.5', 0, { hostname: 'nas', cltt: Math.floor(Date.now() / 1000) })])
const browser = await openBrowser()
for (const view of VIEWS) {
  const [file] = view
  for (const width of [1280, 390]) {
    for (const scheme of ['light', 'dark'] as const) {
      const isShown = width === 1280 ? scheme === 'light' : ON_PHONE[file] === scheme
      if (all === undefined && !isShown) continue
      const picture = await pictureOf(browser, face.url, view, {
        width,
        scheme,
        high: MOST_HIGH[all === undefined ? 'docs' : 'all'],
      })
      if (all === undefined) await writeFile(join(folder, `${file}-${width}.png`), smallPng(picture))
      else await writeFile(join(folder, `${file}-${width}-${scheme}.png`), picture)
    }
  }
}
await browser.close()
await face.close()
