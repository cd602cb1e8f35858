/** Logging in, and what is shown while nobody answers. */

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBrowser } from './open-browser.ts'
import { openPage } from './open-page.ts'
import { openScene } from './open-scene.ts'
import { keepReading } from './traffic.ts'

let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
})

afterAll(() => browser.close())

describe('logging in', () => {
  test('by the address: its token is out of it at once, and works once', async () => {
    await using scene = await openScene()
    await using first = await openPage(browser, scene, { loggedIn: false })
    await using second = await openPage(browser, scene, { loggedIn: false })
    const address = `${scene.address}#token=${scene.admin.oneTimeToken()}`

    await first.page.goto(address)
    await first.page.getByText('Live').waitFor()
    expect(first.page.url()).toBe(scene.address)
    await second.page.goto(address)
    await second.page.getByText('works once only').waitFor()
    expect(second.page.url()).not.toContain('token=')
  })

  test('by typing a token, and out again: nothing stays on the screen', async () => {
    await using scene = await openScene()
    await using opened = await openPage(browser, scene, { loggedIn: false })
    const { page } = opened
    await page.goto(scene.address)
    await page.getByLabel('Token').fill('a-token-that-nobody-has-given')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('not accepted').waitFor()

    await page.getByLabel('Token').fill(scene.token)
    await page.keyboard.press('Enter')
    await page.getByText('Live').waitFor()
    await page.reload()
    await page.getByText('Live').waitFor()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByText('You have logged out.').waitFor()
    expect(await page.getByText('shop-1').count()).toBe(0)
    await page.reload()
    await page.getByLabel('Token').waitFor()
    expect(opened.breaches).toEqual([])
  })

  test('holds no token where a script could read it', async () => {
    await using scene = await openScene()
    await using opened = await openPage(browser, scene)
    const seen = await opened.page.evaluate<string>(
      'JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, location.href])',
    )
    expect(seen).not.toMatch(/token|tiercel-\d/)
  })
})

describe('a process that goes away', () => {
  test('is told within seconds, figures are said to be old, and it comes back by itself', async () => {
    await using scene = await openScene()
    using _ = keepReading(scene)
    await using opened = await openPage(browser, scene)
    const { page } = opened
    await page
      .getByText(/since the start$/)
      .first()
      .waitFor()

    await scene.stopServing()
    await page.getByText('These figures are old.').waitFor({ timeout: 6_000 })
    await page.getByText(/^\d.* s old$/).waitFor()
    await page.getByText('The process that serves this page does not answer').waitFor()
    // What was known stays in sight.
    await page.getByRole('table', { name: 'Reads by tier' }).waitFor()

    await scene.serveAgain()
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor({ timeout: 15_000 })
    await page.getByText('These figures are old.').waitFor({ state: 'detached' })
    expect(opened.breaches).toEqual([])
  })

  test('in the middle of a question is told beside it, with a way to ask again', async () => {
    await using scene = await openScene()
    await using opened = await openPage(browser, scene)
    const { page, view } = opened
    await scene.stopServing()
    await view('patterns')
    const failure = page.getByRole('alert').filter({ hasText: 'does not answer' })
    await failure.getByRole('button', { name: 'Try again' }).waitFor()
    await scene.serveAgain()
    await failure.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('table', { name: 'patterns' }).waitFor()
  })
})

test('an address that names no view is the overview, and one that does is that view', async () => {
  await using scene = await openScene()
  await using opened = await openPage(browser, scene)
  const { page } = opened
  await page.goto(`${scene.address}#/nowhere`)
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  await page.goto(`${scene.address}#/switches`)
  await page.getByRole('heading', { level: 1, name: 'Switches' }).waitFor()
  expect(await page.title()).toBe('Switches · shop')
})
