/** For everybody: axe in both themes, the keyboard alone, less motion, a phone. */

import axe from 'axe-core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../servers/until.ts'
import { openBrowser } from './open-browser.ts'
import { type OpenPage, openPage } from './open-page.ts'
import { openScene, type Scene } from './open-scene.ts'
import { readOnce } from './traffic.ts'

const phone = { width: 390, height: 844 }
const views = [
  'overview',
  'patterns',
  'patterns?pattern=product:*',
  'keys?collection=product&key=1',
  'invalidations?by=tags&what=catalogue',
  'write-behind',
  'freshness',
  'instances',
  'switches',
]

let browser: Browser
let scene: Scene

beforeAll(async () => {
  browser = await openBrowser()
  scene = await openScene({ values: 'shown' })
  for (let round = 0; round < 10; round += 1) await readOnce(scene, round)
  scene.refuses = () => 'The column "price" must not be negative.'
  await scene.products.put('13', { id: 13, name: 'Chair 13' })
})

afterAll(async () => {
  await scene[Symbol.asyncDispose]()
  await browser.close()
})

interface Finding {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/** In the page, where axe was put before its own scripts. */
async function findings({ page }: OpenPage): Promise<readonly Finding[]> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const run = `axe.run({ runOnly: ${JSON.stringify(tags)} }).then(({ violations }) => violations)`
  return await page.evaluate<readonly Finding[]>(run)
}

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  test.each([
    ['wide', { width: 1360, height: 900 }],
    ['phone', phone],
  ])('axe finds no serious issue in any view (%s)', async (_, viewport) => {
    await using opened = await openPage(browser, scene, {
      colorScheme,
      viewport,
      script: axe.source,
    })
    for (const view of views) {
      await opened.view(view)
      await expect.poll(() => opened.page.locator('.loading').count()).toBe(0)
      const found = await findings(opened)
      const serious = found.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      expect(serious, view).toEqual([])
    }
    expect(opened.breaches).toEqual([])
  })

  test('axe finds no serious issue where one logs in', async () => {
    await using opened = await openPage(browser, scene, {
      colorScheme,
      loggedIn: false,
      script: axe.source,
    })
    await opened.page.goto(scene.address)
    await opened.page.getByLabel('Token').waitFor()
    const found = await findings(opened)
    expect(found.map(({ id }) => id)).toEqual([])
  })
})

test('axe would find a contrast that is too low', async () => {
  await using opened = await openPage(browser, scene, { script: axe.source })
  await opened.page.evaluate("document.documentElement.style.setProperty('--muted', '#c8c8c8')")
  const found = await findings(opened)
  expect(found.map(({ id }) => id)).toContain('color-contrast')
})

describe('with the keyboard alone', () => {
  test('the first stop leads past the navigation, the next ones through it in order', async () => {
    await using opened = await openPage(browser, scene)
    const { page } = opened
    const focused = () => page.evaluate<string>("document.activeElement?.textContent ?? ''")
    await page.keyboard.press('Tab')
    expect(await focused()).toContain('Skip to the figures')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement?.id')).toBe('main')
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()

    await page.getByRole('link', { name: 'Overview' }).focus()
    for (const name of ['Patterns', 'Key inspector', 'Invalidations']) {
      await page.keyboard.press('Tab')
      expect(await focused()).toContain(name)
    }
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Invalidations' }).waitFor()
    expect(await focused()).toBe('Invalidations')
  })

  test('figures open views, / goes to the filter, and neither is caught while one types', async () => {
    await using opened = await openPage(browser, scene)
    const { page } = opened
    await page.keyboard.press('2')
    await page.getByRole('heading', { level: 1, name: 'Patterns' }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('3/?t')
    expect(await page.getByLabel('Filter by name').inputValue()).toBe('3/?t')
    await page.getByRole('heading', { level: 1, name: 'Patterns' }).waitFor()
  })

  test('? shows what keys do, and the focus comes back', async () => {
    await using opened = await openPage(browser, scene)
    const { page } = opened
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).focus()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await page.evaluate("document.activeElement?.getAttribute('aria-label')")).toBe(
      'Keyboard shortcuts',
    )
  })

  test('a table is sorted by its heads, and says so', async () => {
    await using opened = await openPage(browser, scene)
    const { page, view } = opened
    await view('patterns')
    await page.getByRole('button', { name: 'Hit rate' }).focus()
    await page.keyboard.press('Enter')
    const head = page.getByRole('columnheader', { name: 'Hit rate' })
    expect(await head.getAttribute('aria-sort')).toBe('descending')
    await page.keyboard.press('Enter')
    expect(await head.getAttribute('aria-sort')).toBe('ascending')
  })
})

test('nothing moves for those who want less motion, and something does for others', async () => {
  const animated = 'document.getAnimations().length'
  await using still = await openPage(browser, scene, { reducedMotion: 'reduce' })
  expect(await still.page.evaluate(animated)).toBe(0)
  await using moving = await openPage(browser, scene, { reducedMotion: 'no-preference' })
  expect(await moving.page.evaluate(animated)).toBeGreaterThan(0)
})

test('no view is wider than a phone', async () => {
  await using opened = await openPage(browser, scene, { viewport: phone })
  for (const view of views) {
    await opened.view(view)
    await opened.page.getByRole('heading', { level: 1 }).waitFor()
    const width = await opened.page.evaluate('document.documentElement.scrollWidth')
    expect(width, view).toBeLessThanOrEqual(phone.width)
  }
})

test('the open view is seen in the row of views on a phone, and Tab begins before the row', async () => {
  await using opened = await openPage(browser, scene, { viewport: phone })
  const { page } = opened
  await opened.view('instances')
  await page.reload()
  const open = "document.querySelector('nav [aria-current]')?.getBoundingClientRect()"
  const seen = `(({ left, right } = { left: -1 }) => left >= 0 && right <= innerWidth)(${open})`
  await until('the open view is in sight', () => page.evaluate<boolean>(seen))
  await page.keyboard.press('Tab')
  const focused = await page.evaluate<string>("document.activeElement?.textContent ?? ''")
  expect(focused).toContain('Skip to the figures')
})

test('the theme is the system’s, or the one that was chosen, which stays', async () => {
  await using opened = await openPage(browser, scene, { colorScheme: 'light' })
  const { page } = opened
  const background = () =>
    page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor')
  const light = await background()
  await page.keyboard.press('t')
  await page.getByRole('button', { name: 'Theme: light' }).waitFor()
  expect(await background()).toBe(light)
  await page.keyboard.press('t')
  await page.getByRole('button', { name: 'Theme: dark' }).waitFor()
  const dark = await background()
  expect(dark).not.toBe(light)
  await page.reload()
  await page.getByText('Live').waitFor()
  expect(await background()).toBe(dark)
})
