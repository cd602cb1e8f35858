/** Texts of others stand on the page as text, wherever they come from. */

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { memoryTier } from '../../src/memory/index.ts'
import { hostileStrings } from './hostile-strings.ts'
import { openBrowser } from './open-browser.ts'
import { openPage } from './open-page.ts'
import { openScene } from './open-scene.ts'

let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
})

afterAll(() => browser.close())

/** Keys must not have controls in them; all else of a payload stays. */
function asKey(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is taken out.
  return text.replaceAll(/[\u0000-\u001f\u007f]/g, '')
}

test('thirteen payloads as keys, tags, values and errors of writes', async () => {
  await using scene = await openScene({ values: 'shown' })
  scene.refuses = (key) => `refused ${key}`
  for (const text of hostileStrings) {
    const key = asKey(text)
    await scene.cache.set(`plain:${key}`, { text }, { tags: [key] })
    await scene.cache.get(`plain:${key}`)
    await scene.products.put(key, { id: key, name: text }).catch(() => {})
  }
  await using opened = await openPage(browser, scene)
  const { page, view } = opened

  for (const text of hostileStrings) {
    const key = `plain:${asKey(text)}`
    await view(`keys?${new URLSearchParams({ key })}`)
    await page.getByRole('heading', { level: 2, name: key, exact: true }).waitFor()
    await page.getByRole('link', { name: asKey(text), exact: true }).waitFor()
  }
  await view('write-behind')
  const letters = page.getByRole('table', { name: 'dead letters' })
  await expect
    .poll(() => letters.getByRole('row').count(), { timeout: 10_000 })
    .toBe(hostileStrings.length + 1)
  const words = await letters.textContent()
  for (const text of hostileStrings) expect(words).toContain(`refused ${asKey(text)}`)

  for (const route of ['overview', 'patterns', 'invalidations', 'freshness', 'switches']) {
    await view(route)
    await page.waitForTimeout(300)
  }
  expect(opened.breaches).toEqual([])
})

test('thirteen payloads as names of instances', async () => {
  const shared = memoryTier({ shards: 1 })
  await using scene = await openScene({ shared })
  const others = []
  for (const text of hostileStrings) {
    const instance = asKey(text).slice(0, 128)
    others.push(await openScene({ shared, instance }))
  }
  await using opened = await openPage(browser, scene)
  const { page, view } = opened
  await view('instances')
  const table = page.getByRole('table', { name: 'instances' })
  await expect
    .poll(() => table.getByRole('row').count(), { timeout: 20_000 })
    .toBe(hostileStrings.length + 2)
  const words = await table.textContent()
  for (const text of hostileStrings) expect(words).toContain(asKey(text).slice(0, 128))
  expect(opened.breaches).toEqual([])
  for (const other of others) await other[Symbol.asyncDispose]()
})

test('payloads in the address, and in every field', async () => {
  await using scene = await openScene()
  await using opened = await openPage(browser, scene)
  const { page, view } = opened
  for (const text of hostileStrings) {
    const query = new URLSearchParams({
      key: text,
      collection: text,
      by: text,
      what: text,
      filter: text,
    })
    await view(`keys?${query}`)
    await page.getByRole('alert').first().waitFor()
    await view(`patterns?${query}`)
    expect(await page.getByLabel('Filter by name').inputValue()).toContain(text.slice(0, 5))
    await view(`invalidations?${query}`)
    await page.getByRole('heading', { name: 'Evict' }).waitFor()
  }
  expect(opened.breaches).toEqual([])
})

test('a payload that were markup would be noticed', async () => {
  await using scene = await openScene()
  await using opened = await openPage(browser, scene)
  const markup = JSON.stringify('<img src=x onerror=alert(1)>')
  await opened.page.evaluate(`document.body.innerHTML = ${markup}`).catch(() => {})
  await expect.poll(() => opened.breaches.length).toBeGreaterThan(0)
})
