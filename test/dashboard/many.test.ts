/** As many patterns as are told apart, and more keys than anybody could list. */

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from './open-browser.ts'
import { openPage } from './open-page.ts'
import { openScene } from './open-scene.ts'
import { readManyPatterns } from './traffic.ts'

let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
})

afterAll(() => browser.close())

test('500 patterns are shown by pages, and filtered while one types', async () => {
  await using scene = await openScene()
  await readManyPatterns(scene)
  await using opened = await openPage(browser, scene)
  const { page, view } = opened
  await view('patterns')
  const table = page.getByRole('table', { name: 'patterns' })
  await page.getByText(/^Page 1 of \d+ · \d+ rows$/).waitFor()
  expect(await table.getByRole('row').count()).toBe(51)

  const filter = page.getByLabel('Filter by name')
  const from = performance.now()
  await filter.fill('SHELF-B:')
  await page.getByText(/^2\d of \d+ patterns$/).waitFor()
  expect(performance.now() - from).toBeLessThan(1_000)
  await filter.fill('')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText(/^Page 2 of/).waitFor()
  expect(opened.breaches).toEqual([])
})

test('a pattern over 100,000 keys is counted before it goes, and one key is found at once', async () => {
  await using scene = await openScene()
  for (let from = 0; from < 100_000; from += 10_000) {
    const entries = Array.from({ length: 10_000 }, (_, at) => [`row:${from + at}`, at] as const)
    await scene.cache.setMany(entries)
  }
  await using opened = await openPage(browser, scene)
  const { page, view } = opened
  await view('keys?key=row:77777')
  await page.getByRole('table', { name: 'Where it lives' }).waitFor({ timeout: 2_000 })

  await view('invalidations?by=pattern&what=row:9*')
  await page.getByRole('button', { name: 'Count first' }).click()
  await page.getByText(/^(At least )?[\d,]+ entries$/).waitFor()
  await page.getByRole('button', { name: 'Evict', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Evict' }).click()
  await page.getByText(/^Done on every instance/).waitFor()
  expect(await scene.cache.has('row:99999')).toBe(false)
  expect(await scene.cache.has('row:77777')).toBe(true)
  expect(opened.breaches).toEqual([])
})
