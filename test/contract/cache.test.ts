/** The suite of every cache, over each combination of tiers. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import type { CacheOptions, SharedTier } from '../../src/index.ts'
import { createCache } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { sqliteTier } from '../../src/sqlite/index.ts'
import type { CacheSubject } from '../../src/testing/cache-subject.ts'
import { cacheSuite } from '../../src/testing/cache-suite.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'

/** A subject whose caches have the tiers that `tiers` makes for each case. */
function subject(tiers: () => Pick<CacheOptions, 'memory' | 'shared'>): CacheSubject {
  const clock = new FakeClock()
  const made = tiers()
  return {
    open: (options) =>
      createCache(
        { name: 'suite', ...made, ...options, defaults: { jitter: 0, ...options?.defaults } },
        { clock },
      ),
    now: () => clock.now(),
    advance: (ms) => clock.advance(ms),
  }
}

const combinations: Readonly<Record<string, () => Pick<CacheOptions, 'memory' | 'shared'>>> = {
  'the memory tier alone': () => ({}),
  'the shared tier alone, in memory': () => ({ memory: 'off', shared: memoryTier() }),
  'both tiers, in memory': () => ({ shared: memoryTier() }),
  'the shared tier alone, on SQLite': () => ({ memory: 'off', shared: sqliteFile() }),
  'both tiers, on SQLite': () => ({ shared: sqliteFile() }),
}

/** In this thread, so that the file's clock is the fake one. */
function sqliteFile(): SharedTier {
  return sqliteTier(join(mkdtempSync(join(folder, 'cache-')), 'cache.db'), { thread: 'inline' })
}

const folder = mkdtempSync(join(tmpdir(), 'tiercel-suite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

for (const [name, tiers] of Object.entries(combinations)) {
  describe(name, () => {
    for (const { name: title, run } of cacheSuite) test(title, () => run(subject(tiers)))
  })
}
