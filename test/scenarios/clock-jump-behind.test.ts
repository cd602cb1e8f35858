/** A clock that jumps ahead and comes back, while a write is tried again: it waits no longer for that. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createCache, type SharedTier, type Store } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { sqliteTier } from '../../src/sqlite/index.ts'
import { FakeClock } from '../../src/testing/index.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }
const DAY_MS = 86_400_000

function file(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-clock-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'cache.db')
}

const TIERS: readonly [string, () => SharedTier][] = [
  ['in memory', () => memoryTier()],
  ['in an SQLite file', () => sqliteTier(file(), { thread: 'inline' })],
]

test.each(TIERS)('%s', async (_, open) => {
  const clock = new FakeClock()
  const applied: string[] = []
  let fails = true
  const store: Store<string, number> = {
    fencing: 'versioned',
    load: () => undefined,
    apply: async (writes) =>
      writes.map(({ key }) => {
        if (fails && key === 'bad') {
          return { kind: 'failed', error: new Error('locked'), retry: 'transient' }
        }
        applied.push(key)
        return { kind: 'applied' }
      }),
  }
  const cache = createCache({ name: 'shop', shared: open(), logger: SILENT }, { clock })
  const things = cache.collection('thing', { store, write: { put: 'behind' } })
  await things.put('bad', 1)
  await things.put('good', 1)
  clock.setNow(clock.now() + DAY_MS)
  await clock.advance(1_500)
  expect(applied).toEqual(['good'])
  clock.setNow(clock.now() - DAY_MS)
  fails = false
  await clock.advance(60_000)
  expect(applied).toEqual(['good', 'bad'])
  expect(await things.queue.status()).toMatchObject({ waiting: 0 })
  await cache.close()
})
