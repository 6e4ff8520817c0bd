/*
 * Pictures of every view of the page at 1280 and at 390 pixels, into docs/screenshots: `npm run screenshots`.
 *
 * What is seen are the names of a day (face.ts). The pictures are small: 256 colours at most, and no more than the first screens.
 */

import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { openBrowser, openPage, sees } from './browser.ts'
import { dayOf, eventOf, OPERATE } from './face.ts'

const FOLDER = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url))
const MOST_HIGH = 1400

const VIEWS: [file: string, hash: string, said: string][] = [
  ['now', '', 'Updates a minute'],
  ['names', '#/names', '24 names'],
  ['name', '#/names/reception.lab.example', 'the door phone'],
  ['scopes', '#/scopes', '10.2.0.0/16'],
  ['holds', '#/holds', 'Approve'],
  ['findings', '#/findings', 'should-be-reserved'],
  ['audit', '#/audit', 'node0'],
]

await mkdir(FOLDER, { recursive: true })
const face = await dayOf()
await face.report([eventOf('committed', '10.1.0.5', 0, { hostname: 'nas', cltt: Math.floor(Date.now() / 1000) })])
const browser = await openBrowser()
for (const width of [1280, 390]) {
  for (const [file, hash, said] of VIEWS) {
    const scheme = file === 'now' && width === 390 ? 'dark' : 'light'
    const { page } = await openPage(browser, `${face.url}/${hash}`, { token: OPERATE, width, scheme, height: 820 })
    await sees(page, said)
    if (file === 'now') await page.locator('.plot canvas').waitFor()
    if (file === 'scopes') {
      await page
        .getByRole('article', { name: /guests/ })
        .getByRole('checkbox')
        .check()
      await sees(page, 'Would keep')
    }
    const high = Math.min(MOST_HIGH, Number(await page.evaluate('document.documentElement.scrollHeight')))
    await page.setViewportSize({ width, height: high })
    await page.screenshot({ path: `${FOLDER}${file}-${width}.png`, animations: 'disabled' })
    await page.context().close()
  }
}
await browser.close()
await face.close()
