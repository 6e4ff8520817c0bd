import t, { type Test } from 'tap'
import { until } from '../../server/http/inject.ts'
import { needs } from '../needs.ts'
import { faultsOfAccess, type Look, openBrowser, openPage, sees, widthOf } from './browser.ts'
import { dayOf, HOSTILE, LOOK, OPERATE } from './face.ts'

const isHere = needs(t, 'chromium')
const browser = isHere ? await openBrowser() : (null as never)
t.teardown(() => browser?.close())
const test = (name: string, run: (t: Test) => Promise<void>) => t.test(name, { skip: !isHere }, run)

const VIEWS: [hash: string, heading: string, said: RegExp][] = [
  ['', 'Now', /Updates a minute/],
  ['#/names', 'Names', /24 names/],
  ['#/names/reception.lab.example', 'reception.lab.example', /the door phone calls it/],
  ['#/scopes', 'Scopes', /10\.2\.0\.0\/16/],
  ['#/holds', 'Holds', /DNS keeps all 24 records until you decide/],
  ['#/findings', 'Findings', /should-be-reserved/],
  ['#/audit', 'Audit', /node0\.rack\.example/],
]

/** The page with the right to do everything; at the end of the test nothing was wrong with it. */
const opened = async (t: Test, url: string, look: Look = {}) => {
  const tab = await openPage(browser, url, { token: OPERATE, ...look })
  t.teardown(() => tab.page.context().close())
  return tab
}

test('each view shows its heading and what it is for, in both schemes, on a desk and on a phone', async t => {
  const face = await dayOf(t)
  for (const scheme of ['light', 'dark'] as const) {
    for (const width of [1280, 390]) {
      const { page, faults, foreign } = await opened(t, face.url, { scheme, width })
      for (const [hash, heading, said] of VIEWS) {
        await page.goto(`${face.url}/${hash}`)
        await page.getByRole('heading', { level: 1, name: heading }).waitFor()
        await sees(page, said)
        const wide = await widthOf(page)
        t.ok(wide <= width, `${heading} is ${wide} wide at ${width}`)
        t.strictSame(await faultsOfAccess(page), [], `${heading}, ${scheme}, ${width}`)
      }
      t.strictSame(faults, [], 'nothing in the console')
      t.strictSame(foreign, [], 'nothing from elsewhere')
    }
  }
})

test('every link of every view leads somewhere', async t => {
  const face = await dayOf(t)
  const { page, faults } = await opened(t, face.url)
  const links = new Set<string>()
  for (const [hash, , said] of VIEWS) {
    await page.goto(`${face.url}/${hash}`)
    await sees(page, said)
    const found = (await page.evaluate(
      `[...document.querySelectorAll('main a[href^="#/names/"]')].map(link => link.getAttribute('href'))`,
    )) as string[]
    for (const link of found) links.add(link)
  }
  t.ok(links.size > 24, `${links.size} names are linked, those of PTR records too`)
  for (const link of links) {
    await page.goto(`${face.url}/${link}`)
    await page.getByRole('heading', { level: 2, name: 'History' }).waitFor()
  }
  t.strictSame(faults, [])
})

test('the first load is small, and shows what there is', async t => {
  const face = await dayOf(t)
  const { page, bytes } = await opened(t, face.url)
  await sees(page, 'Updates a minute')
  await page.locator('.plot canvas').waitFor()
  const all = await bytes()
  t.ok(all > 20_000 && all < 75_000, `${all} bytes`)
})

test('a name that goes counts down', async t => {
  const face = await dayOf(t)
  const { page } = await opened(t, `${face.url}/#/names/tablet.guests.example`)
  const countdown = page.locator('.reason [data-countdown]')
  await countdown.waitFor()
  t.match(await countdown.innerText(), /^2 h 59 m|^3 h$/)
  t.match(await countdown.getAttribute('title'), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d$/)
  await page.goto(`${face.url}/#/names`)
  await page.clock.install()
  const row = page.getByRole('row', { name: /tablet/ }).locator('[data-countdown]')
  const first = await row.innerText()
  await page.clock.runFor(120_000)
  await until(async () => (await row.innerText()) !== first)
  t.match(await row.innerText(), /^2 h 5\d m$/)
})

test('the checkbox shows what it would do before it is saved', async t => {
  const face = await dayOf(t)
  const { page } = await opened(t, `${face.url}/#/scopes`)
  const scope = page.getByRole('article', { name: /guests/ })
  const box = scope.getByLabel('Do not delete DNS A/AAAA records on lease expiry')
  t.notOk(await box.isChecked())
  await box.check()
  await scope.getByText(/Would keep 2/).waitFor()
  t.equal(await policyOf(face, 'guests'), false, 'nothing is saved yet')
  await scope.getByRole('button', { name: 'Save' }).click()
  await until(async () => (await policyOf(face, 'guests')) === true)
  await scope.getByText('A name is kept without end when its lease expires').waitFor()
  t.ok(await box.isChecked())
})

const policyOf = async ({ client }: Awaited<ReturnType<typeof dayOf>>, scope: string) =>
  (await client.GET('/v1/scopes')).data!.items.find(({ name }) => name === scope)!.policy.retainOnExpiry

test('a name is pinned with the reason, unpinned, and pinned again by Undo', async t => {
  const face = await dayOf(t)
  const { page, faults } = await opened(t, `${face.url}/#/names/nas.lab.example`)
  const button = (name: string) =>
    page.getByRole('group', { name: /Actions/ }).getByRole('button', { name, exact: true })
  const intents = async () => {
    const params = { path: { fqdn: 'nas.lab.example' } }
    return (await face.client.GET('/v1/names/{fqdn}', { params })).data!.intent.map(({ kind, why }) => [kind, why])
  }
  await button('Pin').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Why').fill('the <b>backup</b>')
  await page.keyboard.press('Enter')
  await until(async () => (await intents()).length === 1)
  t.strictSame(await intents(), [['pin', 'the <b>backup</b>']])
  await sees(page, 'the <b>backup</b>')
  await button('Unpin').click()
  await dialog.getByRole('button', { name: 'Unpin' }).click()
  await until(async () => (await intents()).length === 0)
  await page.getByRole('button', { name: 'Undo (Pin)' }).click()
  await until(async () => (await intents()).length === 1)
  t.strictSame(await intents(), [['pin', 'the <b>backup</b>']], 'with the reason that it had')
  t.strictSame(faults, [])
})

test('the keyboard opens, leaves and pins', async t => {
  const face = await dayOf(t)
  const { page } = await opened(t, face.url)
  await sees(page, 'Updates a minute')
  await page.keyboard.press('/')
  await page.keyboard.type('recept')
  await sees(page, '1 of 24')
  t.match(page.url(), /#\/names\?q=recept$/)
  await page.reload()
  await sees(page, '1 of 24')
  t.equal(await page.getByLabel('Search').inputValue(), 'recept')
  await page.getByRole('link', { name: 'Names' }).focus()
  await page.keyboard.press('j')
  await page.locator('.row.chosen').waitFor()
  await page.keyboard.press('Escape')
  await page.evaluate('document.activeElement.blur()')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'reception.lab.example' }).waitFor()
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.goBack()
  await sees(page, '1 of 24')
})

test('a hold is approved, and what it held goes', async t => {
  const face = await dayOf(t)
  const { page } = await opened(t, `${face.url}/#/holds`)
  await page.getByRole('button', { name: 'Approve' }).click()
  const dialog = page.getByRole('dialog')
  t.match(await dialog.innerText(), /24 records of lab go from DNS now/)
  await dialog.getByRole('button', { name: 'Approve: 24 records' }).click()
  await until(async () => (await face.client.GET('/v1/status')).data!.holds === 0)
  await until(async () => (await face.client.GET('/v1/status')).data!.records.retained === 0)
  await sees(page, 'approved')
  await page.getByRole('button', { name: 'Approve' }).waitFor({ state: 'detached' })
})

test('a server that was away comes back by itself, and nothing that was typed is lost', async t => {
  const face = await dayOf(t)
  const { page } = await opened(t, `${face.url}/#/audit`)
  await sees(page, 'node0')
  await page.getByLabel('Client or MAC').fill('02:00:5e')
  await face.restart(async () => {
    await sees(page, 'The server is away')
    await sees(page, 'node0')
  })
  await page.getByText('The server is away').waitFor({ state: 'detached' })
  t.equal(await page.getByLabel('Client or MAC').inputValue(), '02:00:5e')
  await page.goto(`${face.url}/#/names/reception.lab.example`)
  const pin = page.getByRole('button', { name: 'Unpin', exact: true })
  await pin.waitFor()
  await face.restart(async () => {
    await sees(page, 'The server is away')
    t.ok(await pin.isDisabled(), 'no button promises what cannot be')
  })
  await until(() => pin.isEnabled())
})

test('what a hostile client says is text', async t => {
  const face = await dayOf(t)
  const { page, faults, foreign } = await opened(t, `${face.url}/#/names/kiosk.lab.example`, { width: 390 })
  await sees(page, '<img src=x onerror=alert(1)>')
  await sees(page, '\\u202e')
  t.equal(await page.locator('#view img').count(), 0)
  t.ok((await widthOf(page)) <= 390, 'nor is the page made wide')
  t.ok(HOSTILE.length === 253)
  t.strictSame(faults, [])
  await page.goto(`${face.url}/#/names/${encodeURIComponent('<img src=x onerror=alert(1)>')}`)
  await page.getByRole('heading', { name: '<img src=x' }).waitFor()
  t.equal(await page.locator('#view img').count(), 0)
  t.notOk(
    faults.some(fault => !/40[04]/.test(fault)),
    faults.join('; '),
  )
  t.strictSame(foreign, [])
})

test('the token is asked for, a wrong one is refused, and one that may look has no buttons', async t => {
  const face = await dayOf(t)
  const { page } = await openPage(browser, face.url)
  t.teardown(() => page.context().close())
  const field = page.getByLabel('Token')
  await field.fill('no-such-token')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  t.equal(await page.getByText('Updates a minute').count(), 0)
  await field.fill(LOOK)
  await page.keyboard.press('Enter')
  await sees(page, 'Updates a minute')
  t.notMatch(page.url(), LOOK)
  t.equal(await page.evaluate('localStorage.length + document.cookie.length'), 0, 'for this tab only')
  await page.goto(`${face.url}/#/names/nas.lab.example`)
  await page.getByRole('button', { name: 'Pin', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Pin' }).click()
  await page.getByRole('dialog').getByRole('alert').waitFor()
  t.match(await page.getByRole('dialog').innerText(), /needs operate/)
})
