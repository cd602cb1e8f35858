/**
 * A script that has nothing else to do. Before this test, the timers of a caller's patience let the process
 * end: it was gone, with exit code 13, before the timeout that it waited for.
 */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

test('a script that only waits for a timeout gets it, and ends by itself afterwards', async () => {
  const source = `
    import { createCache } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)}
    const cache = createCache({ name: 'script' })
    cache.on('reads', () => {})
    const never = () => new Promise(() => {})
    await cache.getOrLoad('a', never, { timeouts: { hard: 50 } }).catch(({ code }) => console.log(code))
    await cache.set('kept', 1, { ttl: '1d' })
  `
  const args = ['--no-warnings', '--input-type=module', '--eval', source]
  const { stdout } = await run(process.execPath, args, { timeout: 10_000 })
  expect(stdout).toBe('loader-timeout\n')
})
