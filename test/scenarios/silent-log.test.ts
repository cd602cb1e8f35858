/** A level that is off costs nothing: measured, and the measure is shown to see a level that is on (M7). */

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** Below the smallest object there is; what the measuring itself allocates is spread over all calls. */
const NOTHING = 4

/** By event. No collection may come between, or nothing could be said. */
function bytesAt(level: string): Readonly<Record<string, number>> {
  const room = ['--min-semi-space-size=256', '--max-semi-space-size=256']
  const program = join(import.meta.dirname, 'run-silent-log.ts')
  const output = execFileSync(process.execPath, ['--no-warnings', ...room, program, level])
  return JSON.parse(output.toString())
}

test('a level that is off allocates nothing, whatever happens', () => {
  const costly = Object.entries(bytesAt('silent')).filter(([, bytes]) => bytes > NOTHING)
  expect(costly).toEqual([])
})

test('a hit and an info line allocate nothing where warnings alone are on', () => {
  const { hit, invalidation, 'slow load': slow, applied, mode } = bytesAt('warn')
  for (const bytes of [hit, invalidation, applied, mode]) expect(bytes).toBeLessThan(NOTHING)
  expect(slow).toBeGreaterThan(NOTHING)
})

test('the measure sees what lines are made of', () => {
  const { hit, invalidation, mode } = bytesAt('debug')
  for (const bytes of [hit, invalidation, mode]) expect(bytes).toBeGreaterThan(2 * NOTHING)
})
