/* A headless Chromium on the page, which notes each fault of the console and each request, and asks axe-core. */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'
import { until } from '../../server/http/inject.ts'
import { whereIs } from '../needs.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: whereIs('chromium')!, args: ['--no-sandbox', '--disable-dev-shm-usage'] })

export interface Look {
  width?: number
  height?: number
  scheme?: 'light' | 'dark'
  /** The token that the tab has already. */
  token?: string
}

export interface Opened {
  page: Page
  /** What the console was told of as an error, and what was thrown. */
  faults: string[]
  /** Where was asked, beyond the page's own origin. */
  foreign: string[]
  /** Bytes of bodies that came over the wire. */
  bytes(): Promise<number>
}

/** A tab of its own at a path of the page. */
export const openPage = async (browser: Browser, url: string, look: Look = {}): Promise<Opened> => {
  const { width = 1280, height = 800, scheme = 'light', token } = look
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale: 'en-GB' })
  const page = await context.newPage()
  page.setDefaultTimeout(120_000)
  const { origin } = new URL(url)
  const faults: string[] = []
  const foreign: string[] = []
  const sizes: Promise<number>[] = []
  page.on('console', message => message.type() === 'error' && faults.push(message.text()))
  page.on('pageerror', error => faults.push(error.message))
  page.on('request', request => {
    if (new URL(request.url()).origin !== origin) foreign.push(request.url())
  })
  page.on('requestfinished', request => {
    const size = request.sizes().then(({ responseBodySize }) => responseBodySize)
    sizes.push(size.catch(() => 0))
  })
  if (token) await page.addInitScript(value => sessionStorage.setItem('leasehold.token', value), token)
  await page.goto(url)
  return {
    page,
    faults,
    foreign,
    bytes: async () => (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0),
  }
}

interface Violation {
  id: string
  impact: string
  nodes: { target: string[]; failureSummary: string }[]
}

/** What axe-core finds that is serious or critical, each with its place. Its script is run as the test's, not the page's. */
export const faultsOfAccess = async (page: Page): Promise<string[]> => {
  await page.evaluate(AXE)
  const violations = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as Violation[]
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join('; ')}`,
    )
}

/** How wide the page is, with what cannot be seen without scrolling. */
export const widthOf = (page: Page): Promise<number> => page.evaluate('document.documentElement.scrollWidth')

/** Waits until a text stands in the view. */
export const sees = (page: Page, text: string | RegExp): Promise<void> =>
  until(async () => {
    const there = await page.locator('body').innerText()
    return typeof text === 'string' ? there.includes(text) : text.test(there)
  })
