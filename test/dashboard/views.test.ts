/** Every view shows what the cache really does, and the same figures as the admin API. */

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MetricsSnapshot } from '../../src/contracts/metrics.ts'
import { until } from '../servers/until.ts'
import { openBrowser } from './open-browser.ts'
import { type OpenPage, openPage } from './open-page.ts'
import { openScene, type Scene } from './open-scene.ts'
import { keepReading, readOnce } from './traffic.ts'

let browser: Browser
let scene: Scene
let opened: OpenPage
let reading: Disposable

beforeAll(async () => {
  browser = await openBrowser()
  scene = await openScene({ values: 'shown' })
  for (let round = 0; round < 30; round += 1) await readOnce(scene, round)
  reading = keepReading(scene)
  opened = await openPage(browser, scene)
})

afterAll(async () => {
  reading[Symbol.dispose]()
  await opened[Symbol.asyncDispose]()
  await scene[Symbol.asyncDispose]()
  await browser.close()
})

async function ask<T>(path: string): Promise<T> {
  const headers = { authorization: `Bearer ${scene.token}` }
  const response = await fetch(`${scene.address}api/v1/${path}`, { headers })
  return (await response.json()) as T
}

function digits(text: string | null): number {
  return Number((text ?? '').replaceAll(/[^\d.]/g, ''))
}

describe('with live data opens', () => {
  test('the overview: health, hit rate by tier, latency, loads saved', async () => {
    const { page, view } = opened
    await view('overview')

    await page.getByRole('region', { name: 'Health' }).getByText('healthy').first().waitFor()
    for (const title of ['Reads a second', 'Hit rate', 'A read takes', 'Events a second']) {
      await page.getByRole('img', { name: new RegExp(`^${title}.*the latest`) }).waitFor()
    }
    const reads = page.getByText(/since the start$/).nth(1)
    const before = digits(await reads.textContent())
    await until('reads go on', async () => digits(await reads.textContent()) > before)
    const table = page.getByRole('table', { name: 'Latency by operation and tier' })
    await table.getByRole('rowheader', { name: 'read · memory' }).waitFor()
  })

  test('patterns: figures of each, as the API has them', async () => {
    const { page, view } = opened
    await view('patterns')

    const row = page.getByRole('table', { name: 'patterns' }).getByRole('row', { name: /stock:\*/ })
    await row.waitFor()
    await until('the page has caught up with the API', async () => {
      const lines = await ask<{ pattern: string; total: number }[]>('patterns')
      const { total } = lines.find(({ pattern }) => pattern === 'stock:*') ?? { total: -1 }
      return digits(await row.getByRole('cell').nth(1).textContent()) >= total - 400
    })
    await page.getByLabel('Filter by name').fill('PRODUCT')
    await page.getByText(/^1 of \d+ patterns$/).waitFor()
  })

  test('one pattern: all that is counted of it', async () => {
    const { page, view } = opened
    await view('patterns')
    await page.getByLabel('Filter by name').fill('')
    await page.getByRole('link', { name: 'stock:*' }).click()
    const card = page.getByRole('region', { name: 'stock:*' })
    await card.getByText(/20 loaded, 0 found nothing, 0 failed/).waitFor()
    await page.getByRole('table', { name: 'Removals by cause' }).getByText('evicted').waitFor()
    await page.getByRole('link', { name: 'All patterns' }).click()
    await page.getByRole('table', { name: 'patterns' }).waitFor()
  })

  test('the key inspector: where an entry lives, its tags and its value', async () => {
    const { page, view } = opened
    await view('keys')
    await page.getByText('Which key?').waitFor()
    await page.getByLabel('Collection').selectOption('product')
    await page.getByLabel('Key', { exact: true }).fill('7')
    await page.keyboard.press('Enter')

    const lives = page.getByRole('table', { name: 'Where it lives' })
    await lives.getByRole('row', { name: /memory of this instance.*s .*in / }).waitFor()
    await page.getByRole('link', { name: 'name:Lamp 7' }).waitFor()
    await page.getByText('{"id":"7","name":"Lamp 7"}').waitFor()
  })

  test('invalidations: their numbers, and each one live', async () => {
    const { page, view } = opened
    await view('invalidations')
    await scene.cache.invalidateTags(['name:Lamp 7'])
    await page.getByRole('table', { name: 'Invalidations' }).getByText('tags').first().waitFor()
  })

  test('write-behind: what waits, and batches live', async () => {
    const { page, view } = opened
    await view('write-behind')
    await page.getByText('flowing').waitFor()
    await scene.products.put('20', { id: 20, name: 'Chair 20' })
    await page.getByRole('table', { name: 'Batches' }).getByText('applied').first().waitFor()
    await page.getByText(/\d writes each, p99 [\d.]+ (µs|ms)/).waitFor()
  })

  test('freshness: runs of warming, and the forecast', async () => {
    const { page, view } = opened
    await view('freshness')
    await page.getByRole('heading', { name: 'Forecast of product' }).waitFor()
    await page.getByRole('button', { name: 'Warm', exact: true }).click()
    await page.getByText(/^Begun\./).waitFor()
    const runs = page.getByRole('table', { name: 'Warming runs' })
    await runs
      .getByRole('row', { name: /product:\*.*done/ })
      .first()
      .waitFor()
  })

  test('instances: this one, with its figures', async () => {
    const { page, view } = opened
    await view('instances')
    const row = page.getByRole('row', { name: /shop-1.*serves this page/ })
    await row.waitFor()
    expect(digits(await row.getByRole('cell').nth(3).textContent())).toBeGreaterThan(1_000)
  })

  test('switches: how each collection is switched', async () => {
    const { page, view } = opened
    await view('switches')
    for (const name of ['product', 'stock', 'Plain keys']) {
      const card = page.getByRole('region', { name, exact: true })
      await card.getByRole('button', { name: 'On', exact: true, pressed: true }).waitFor()
    }
  })
})

test('shows the figures that the API has for the same moment', async () => {
  reading[Symbol.dispose]()
  const { page, view } = opened
  await view('overview')
  const table = page.getByRole('table', { name: 'Reads by tier' })
  await until('figures stand still and are the same', async () => {
    const { total } = await ask<MetricsSnapshot>('stats')
    const cells = await table
      .getByRole('row', { name: /^memory/ })
      .getByRole('cell')
      .allTextContents()
    return (
      digits(cells[0] ?? '') === total.memory.hits && digits(cells[1] ?? '') === total.memory.misses
    )
  })
})

test('none of all this has opened a dialog, breached the policy, or failed', () => {
  expect(opened.breaches).toEqual([])
})
