/** A newcomer's first look: `npm start`, and the shop is clicked through with the dashboard beside it. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { noteBreaches } from './note-breaches.ts'
import { openBrowser } from './open-browser.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const HOSTILE = '<img src=x onerror=alert(1)>'

interface Started {
  readonly shop: string
  readonly front: string
  readonly dashboard: string
  readonly child: ChildProcess
}

let browser: Browser
let folder: string
let started: Started

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tiercel-clicked-'))
  ;[browser, started] = await Promise.all([openBrowser(), start()])
})

afterAll(async () => {
  await browser.close()
  const { exitCode, signalCode, pid } = started.child
  // Only asked: what npm has started hands it on, which it could not do if it were killed.
  if (exitCode === null && signalCode === null) process.kill(-(pid ?? 0), 'SIGTERM')
  rmSync(folder, { recursive: true, force: true })
})

/** As a person starts it, on any free port. In a group of its own, which Ctrl-C would reach as a whole. */
async function start(): Promise<Started> {
  const env = { ...process.env, PORT: '0', DATA_DIR: folder, SEED_PRODUCTS: '60' }
  const child = spawn('npm', ['start'], { cwd: root, env, detached: true })
  let told = ''
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  for await (const text of child.stdout.setEncoding('utf8')) {
    told += text
    if (told.includes('API description: ')) break
  }
  const address = (label: string): string =>
    new RegExp(`^${label}: (http\\S+)$`, 'm').exec(told)?.[1] ?? ''
  const shop = address('Tiercel shop')
  if (shop === '') throw new Error(`The shop did not start: ${told}${complaints}`)
  return { shop, front: address('To click through'), dashboard: address('Dashboard'), child }
}

async function openFront(): Promise<{ page: Page; breaches: readonly string[] } & AsyncDisposable> {
  const context = await browser.newContext()
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const breaches = await noteBreaches(page)
  await page.addInitScript({ content: axe.source })
  await page.goto(started.front)
  await page.getByText(/Page 1 of \d/).waitFor()
  return { page, breaches, [Symbol.asyncDispose]: () => context.close() }
}

/** What the card of a product on the page says of its stock. */
async function stockOf(page: Page, name: string): Promise<number> {
  const card = page.locator('#products li').filter({ hasText: name })
  return Number.parseInt((await card.locator('.stock').textContent()) ?? '', 10)
}

async function send(path: string, body: object): Promise<void> {
  const { ok } = await fetch(started.shop + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(ok).toBe(true)
}

test('one registers, fills a basket, orders, and sees the stock change and the cache at work', async () => {
  await using opened = await openFront()
  const { page, breaches } = opened
  const names = await page.locator('#products strong').allTextContents()
  const [first = '', second = ''] = names
  expect(names).toHaveLength(20)
  const order = page.getByRole('button', { name: 'Order' })

  await page.getByLabel('Name').fill('Ada Lovelace')
  await page.getByLabel('Country').selectOption({ index: 3 })
  await page.getByRole('button', { name: 'Register' }).click()
  await page.getByText('Welcome, Ada Lovelace!').waitFor()
  // Warmed when she registered: nobody waits for it.
  expect(await page.locator('#welcome').textContent()).toContain('was ready for you')

  await expect.poll(() => stockOf(page, first)).toBeGreaterThan(2)
  const before = await stockOf(page, first)
  expect(await order.isDisabled()).toBe(true)
  await page.getByRole('button', { name: `Add ${first} to the basket` }).click()
  await page.getByRole('button', { name: `One ${first} more` }).click()
  await page.getByRole('button', { name: `Add ${second} to the basket` }).click()
  await page.getByRole('button', { name: `One ${second} less` }).click()
  expect(await page.locator('#basket li').allTextContents()).toEqual([
    expect.stringContaining(`2 × ${first}`),
  ])
  await order.click()
  await page.getByText(/^Order \d+ is on its way: 1 products/).waitFor()
  expect(await page.locator('#confirmation').textContent()).toContain('The confirmation was ready.')
  await expect.poll(() => stockOf(page, first)).toBe(before - 2)

  // Somebody else takes one, and the page follows without being asked to.
  await send('/inventory/1/reserve', { quantity: 1 })
  await expect.poll(() => stockOf(page, first), { timeout: 10_000 }).toBe(before - 3)
  await page.locator('#prices').getByText('ACME').waitFor()
  await page.locator('#answers .memory').first().waitFor()
  expect(await page.locator('#trouble').textContent()).toBe('')
  expect(breaches).toEqual([])

  // Who comes back in the same tab is known.
  await page.reload()
  await page.getByText('Welcome, Ada Lovelace!').waitFor()
})

test('what is refused is said, and what others have written is shown as text', async () => {
  await send('/products', { name: HOSTILE, category: 'tools', priceCents: 100 })
  await using opened = await openFront()
  const { page, breaches } = opened
  await page.getByLabel('Category').selectOption('tools')
  await page.getByText(HOSTILE).waitFor()
  await page.getByRole('button', { name: `Add ${HOSTILE} to the basket` }).waitFor()

  await page.route('**/users', (route) => route.continue({ postData: '{"name":"x"}' }))
  await page.getByLabel('Name').fill('Nobody')
  await page.getByRole('button', { name: 'Register' }).click()
  await page.getByRole('alert').getByText('countryCode: is missing').waitFor()
  expect(breaches).toEqual([])
})

test('is for everybody: pages are turned, axe finds nothing serious, and a phone is wide enough', async () => {
  await using opened = await openFront()
  const { page } = opened
  await page.getByRole('button', { name: 'On' }).click()
  await page.getByText('Page 2 of').waitFor()
  await page.getByRole('button', { name: 'Back' }).click()
  await page.getByText('Page 1 of').waitFor()
  const run = 'axe.run().then(({ violations }) => violations.map(({ id, impact }) => id + impact))'
  expect(await page.evaluate(run)).toEqual([])
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
})

test('the dashboard beside it has seen all that, and Ctrl-C ends the shop', async () => {
  const page = await browser.newPage()
  await page.goto(started.dashboard)
  await page.getByRole('status').filter({ hasText: 'Live' }).waitFor()
  await page.getByRole('link', { name: 'Patterns', exact: true }).click()
  for (const name of ['inventory', 'order', 'welcome', 'product-list']) {
    await page.getByRole('table').getByText(`${name}:*`, { exact: true }).waitFor()
  }
  await page.close()

  const ended = once(started.child, 'exit')
  process.kill(-(started.child.pid ?? 0), 'SIGINT')
  await ended
  const answers = () =>
    fetch(`${started.shop}/health/live`).then(
      ({ status }) => status,
      () => 0,
    )
  await expect.poll(answers, { timeout: 10_000 }).toBe(0)
})
