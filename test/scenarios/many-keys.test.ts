/** Five million different keys: patterns stay within their limit, and the heap within the cache's bound (M1). */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const KEYS = 5_000_000
const ENTRIES = 100_000
const PATTERNS = 100

/** In a process of its own: its heap must hold nothing but one cache. Counted out by the parent. */
const program = (metrics: string, keys: number): string => `
  import { createCache } from './src/index.ts'
  const cache = createCache({
    name: 'shop',
    memory: { entries: ${ENTRIES} },
    metrics: ${metrics},
    logger: { level: 'silent', warn: () => {}, error: () => {} },
  })
  const words = Array.from({ length: 400 }, (_, at) =>
    String.fromCharCode(97 + (at % 20)) + String.fromCharCode(97 + Math.floor(at / 20)) + 'word')
  const areas = ['user', 'order', 'report', 'page', 'search', 'cart', 'token', 'image']
  const value = { rows: 42 }
  for (let from = 0; from < ${keys}; from += 1_000) {
    const entries = Array.from({ length: 1_000 }, (_, more) => {
      const at = from + more
      const last = at % 7 === 0 ? at + ':detail' : at
      return [areas[at % areas.length] + ':' + words[at % 397] + ':' + last, value]
    })
    await cache.setMany(entries)
    await cache.get(entries[0][0])
  }
  const stats = cache.stats().catch(() => undefined)
  const { patterns = [], otherPatterns = 0, total } = (await stats) ?? {}
  globalThis.gc()
  const heap = process.memoryUsage().heapUsed
  const bytes = process.memoryUsage().arrayBuffers
  console.log(JSON.stringify({
    patterns: patterns.length, otherPatterns, writes: total?.writes.set, hits: total?.hits,
    bytes: heap + bytes,
  }))
  await cache.close()
`

interface Outcome {
  readonly patterns: number
  readonly otherPatterns: number
  readonly writes: number | undefined
  readonly hits: number | undefined
  readonly bytes: number
}

async function run(metrics: string, keys: number): Promise<Outcome> {
  const args = ['--expose-gc', '--no-warnings', '--input-type=module-typescript', '-e']
  const { stdout } = await promisify(execFile)(process.execPath, [...args, program(metrics, keys)])
  return JSON.parse(stdout) as Outcome
}

test('five million keys stay within the limit of patterns, and within the bound of the heap', async () => {
  // What counts nothing has its bound of entries, and no more, long before that.
  const few = KEYS / 10
  const [counted, plain] = await Promise.all([
    run(`{ patterns: ${PATTERNS} }`, KEYS),
    run(`'off'`, few),
  ])
  expect(counted.writes).toBe(KEYS)
  expect(counted.hits).toBe(KEYS / 1_000)
  // The limit, and `*` and `other`.
  expect(counted.patterns).toBeLessThanOrEqual(PATTERNS + 2)
  expect(counted.bytes / plain.bytes).toBeLessThan(1.1)
}, 400_000)
