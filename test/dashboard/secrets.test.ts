/** What stands in keys, tags, values and errors is shown where somebody asks for one key, and nowhere else. */

import { expect, test } from 'vitest'
import { openBrowser } from './open-browser.ts'
import { openPage } from './open-page.ts'
import { openScene } from './open-scene.ts'

const canary = 'canary-4f9c1e7b'

test('no view of many shows a secret of one', async () => {
  await using scene = await openScene()
  await using browser = await openBrowser()
  const fails = () => Promise.reject(new Error(`https://user:${canary}@db.example`))
  for (let at = 0; at < 20; at += 1) {
    await scene.cache.set(`${canary}:${at}`, { secret: canary }, { tags: [canary] })
    await scene.cache.get(`${canary}:${at}`)
    await scene.cache.getOrLoad(`${canary}:failing:${at}`, fails).catch(() => {})
  }
  await using opened = await openPage(browser, scene)
  await scene.cache.invalidateTags([canary])
  const { page, view } = opened
  await page
    .getByText(/since the start$/)
    .first()
    .waitFor()
  for (const name of [
    'overview',
    'patterns',
    'freshness',
    'instances',
    'switches',
    'invalidations',
  ]) {
    await view(name)
    await expect.poll(() => page.locator('.loading').count()).toBe(0)
    expect(await page.content(), name).not.toContain(canary)
  }
  await view(`keys?${new URLSearchParams({ key: `${canary}:failing:1` })}`)
  await page.getByText('Not cached').waitFor()
  expect(await page.content()).toContain(canary)
})
