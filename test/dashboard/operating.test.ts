/** What a person on call does with it, from the first click to what the cache has done. */

import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../servers/until.ts'
import { openBrowser } from './open-browser.ts'
import { type OpenPage, openPage } from './open-page.ts'
import { openScene, type Scene } from './open-scene.ts'
import { readOnce } from './traffic.ts'

let browser: Browser
let scene: Scene
let opened: OpenPage

beforeAll(async () => {
  browser = await openBrowser()
})

afterAll(() => browser.close())

beforeEach(async () => {
  scene = await openScene()
  await readOnce(scene, 1)
  opened = await openPage(browser, scene)
})

afterEach(async () => {
  expect(opened.breaches).toEqual([])
  await opened[Symbol.asyncDispose]()
  await scene[Symbol.asyncDispose]()
})

describe('evicting', () => {
  test('by tag counts first, asks, and is seen within a second', async () => {
    const { page, view } = opened
    await view('invalidations?by=tags')
    await page.getByLabel('Tags, any of them').fill('name:Lamp 1')
    await page.getByRole('button', { name: 'Count first' }).click()
    await page.getByText('1 entry').first().waitFor()
    expect(await scene.products.has('1')).toBe(true)

    await page.getByRole('button', { name: 'Evict', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Evict' }).click()
    const clickedAt = performance.now()
    const line = page
      .getByRole('table', { name: 'Invalidations' })
      .getByRole('row', { name: /tags/ })
    await line.first().waitFor({ timeout: 1_000 })

    expect(performance.now() - clickedAt).toBeLessThan(1_000)
    expect(await scene.products.has('1')).toBe(false)
    await page.getByText(/^Done on every instance/).waitFor()
  })

  test('that another instance asks for is seen within a second too', async () => {
    const { page, view } = opened
    await view('invalidations')
    const table = page.getByRole('table', { name: 'Invalidations' })
    await page.getByText('Nothing was invalidated yet').waitFor()
    await scene.cache.invalidateTags(['catalogue'])
    await table.getByRole('row', { name: /tags/ }).first().waitFor({ timeout: 1_000 })
  })

  test('a count of something else never stands beside the button', async () => {
    const { page, view } = opened
    await view('invalidations?by=pattern')
    await page.getByLabel('Collection').selectOption('product')
    await page.getByLabel('Pattern', { exact: true }).fill('1*')
    await page.getByRole('button', { name: 'Count first' }).click()
    await page.getByRole('button', { name: 'Evict', exact: true }).waitFor()

    await page.getByLabel('Pattern', { exact: true }).fill('*')
    await page.getByRole('button', { name: 'Evict', exact: true }).waitFor({ state: 'detached' })
  })

  test('one key, from the inspector, with a question before', async () => {
    const { page, view } = opened
    await view('keys?collection=product&key=1')
    await page.getByRole('table', { name: 'Where it lives' }).waitFor()
    await page.getByRole('button', { name: 'Evict this key' }).click()
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await scene.products.has('1')).toBe(true)

    await page.getByRole('button', { name: 'Evict this key' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Evict' }).click()
    await page.getByText('Not cached').waitFor()
    expect(await scene.products.has('1')).toBe(false)
  })
})

test('a key that is a number is found without saying so', async () => {
  const { page, view } = opened
  await scene.cache.collections.get('stock')?.get(42)
  await view('keys?collection=stock&key=42')
  await page.getByText('(number)').waitFor()
  expect(page.url()).toContain('#/keys?collection=stock&key=42')
})

describe('a dead letter', () => {
  test('says why it died, and reaches the source when it is tried again', async () => {
    const { page, view } = opened
    scene.refuses = () => 'The column "price" must not be negative.'
    await scene.products.put('13', { id: 13, name: 'Chair 13' })
    await view('write-behind')
    const row = page.getByRole('table', { name: 'dead letters' }).getByRole('row', { name: /13/ })
    await row.getByText('must not be negative').waitFor()

    scene.refuses = () => undefined
    await page.getByRole('button', { name: 'Try again: 13' }).click()
    await page.getByText('Queued again: 1.').waitFor()
    await page.getByText('No dead letters').waitFor()
    await scene.products.flush()
    expect((await scene.products.queue.status()).deadLetters).toBe(0)
  })

  test('is dropped after a question', async () => {
    const { page, view } = opened
    scene.refuses = () => 'no'
    await scene.products.put('13', { id: 13, name: 'Chair 13' })
    await view('write-behind')
    await page.getByRole('button', { name: 'Drop: 13' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('will never reach the source').waitFor()
    await dialog.getByRole('button', { name: 'Drop' }).click()
    await page.getByText('Dropped: 1.').waitFor()
    expect((await scene.products.queue.status()).deadLetters).toBe(0)
  })
})

describe('a switch', () => {
  test('turns a collection off and on again, and tells who has done it', async () => {
    const { page, view } = opened
    const { products } = scene
    await view('switches')
    const card = page.getByRole('region', { name: 'product', exact: true })
    await card.getByRole('button', { name: 'Off' }).click()
    await page.getByRole('dialog').getByText('Every read goes to the source').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Switch' }).click()
    await card.getByRole('button', { name: 'Off', pressed: true }).waitFor()
    expect(products.mode()).toBe('off')

    await card.getByRole('button', { name: 'On', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Switch' }).click()
    await until('it is on', () => products.mode() === 'on')
    const changes = page.getByRole('table', { name: 'Changes' })
    await changes.getByRole('row', { name: /modes off, instance product/ }).waitFor()
  })

  test('has a share of the hits compared', async () => {
    const { page, view } = opened
    await view('switches')
    const card = page.getByRole('region', { name: 'product', exact: true })
    await card.getByLabel('Hits to compare with the source').selectOption('0.1')
    await card.getByRole('button', { name: 'Set the share of product' }).click()
    await card.getByText('Set.').waitFor()
    expect(scene.products.describe().shadowShare).toBe(0.1)
  })
})

test('whoever may only look finds what changes something switched off', async () => {
  await using looking = await openPage(browser, scene, { role: 'read' })
  const { page, view } = looking
  await page.getByText('may only look').waitFor()
  await view('keys?collection=product&key=1')
  const evict = page.getByRole('button', { name: 'Evict this key' })
  await evict.waitFor()
  expect(await evict.isDisabled()).toBe(true)
  expect(await evict.getAttribute('title')).toContain('may look')
})
