import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { keysPage } from './keys-page.ts'

const PAGE = new URL('../../../docs/guides/shop-keys.md', import.meta.url)

test('the page of keys, lives and tags is what the running shop says', async () => {
  const page = await keysPage()
  if (process.env['UPDATE'] === '1') writeFileSync(PAGE, page)
  expect(readFileSync(PAGE, 'utf8'), 'UPDATE=1 writes it anew').toBe(page)
  // A new collection is to have its key explained in `keys-page.ts`.
  const unexplained = page.split('\n').filter((line) => line.includes('| – |'))
  expect(unexplained).toEqual([])
})
