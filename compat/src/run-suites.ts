/**
 * Run in a folder where the package is installed, on the Node that is tried: the package's own suites, over
 * each combination of tiers that needs no server. Prints how many cases passed, as JSON.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CacheOptions, createCache } from 'tiercel'
import { jsonCodec, structuredCloneCodec } from 'tiercel/codecs'
import { memoryTier } from 'tiercel/memory'
import { sqliteTier } from 'tiercel/sqlite'
import { cacheSuite, codecSuite, FakeClock } from 'tiercel/testing'

interface Failure {
  readonly name: string
  readonly error: string
}

const folder = mkdtempSync(join(tmpdir(), 'tiercel-compat-'))
const failures: Failure[] = []
let passed = 0

async function attempt(name: string, run: () => unknown): Promise<void> {
  try {
    await run()
    passed += 1
  } catch (error) {
    failures.push({ name, error: error instanceof Error ? (error.stack ?? '') : String(error) })
  }
}

const inThisThread = () =>
  sqliteTier(join(mkdtempSync(join(folder, 'cache-')), 'cache.db'), { thread: 'inline' })

/** Each made anew for each case. */
const tiers: Readonly<Record<string, () => Pick<CacheOptions, 'memory' | 'shared'>>> = {
  'memory alone': () => ({}),
  'two tiers in memory': () => ({ shared: memoryTier() }),
  'memory and SQLite': () => ({ shared: inThisThread() }),
}

try {
  for (const [name, make] of Object.entries(tiers)) {
    for (const { name: title, run } of cacheSuite) {
      const clock = new FakeClock()
      const made = make()
      await attempt(`${name}: ${title}`, () =>
        run({
          open: (options) => {
            const defaults = { jitter: 0, ...options?.defaults }
            return createCache({ name: 'suite', ...made, ...options, defaults }, { clock })
          },
          now: () => clock.now(),
          advance: (ms) => clock.advance(ms),
        }),
      )
    }
  }
  for (const [make, everything] of [
    [jsonCodec, false],
    [structuredCloneCodec, true],
  ] as const) {
    for (const { name, needs, run } of codecSuite) {
      // JSON has none of the abilities that a codec may lack.
      if (needs.length > 0 && !everything) continue
      await attempt(`${make.name}: ${name}`, () => run(make()))
    }
  }
  await attempt('SQLite in a worker thread, compressed', async () => {
    const shared = sqliteTier(join(folder, 'worker.db'))
    const cache = createCache({
      name: 'compat',
      shared,
      compression: { algorithm: 'zstd', above: 100 },
    })
    await cache.ready()
    await cache.set('text', 'x'.repeat(10_000))
    await cache.close()
    const again = createCache({ name: 'compat', shared: sqliteTier(join(folder, 'worker.db')) })
    const read = await again.get<string>('text')
    await again.close()
    if (read?.length !== 10_000) throw new Error(`Expected what was stored, got ${read}.`)
  })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(JSON.stringify({ passed, failures }))
