import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FULL, probeSynchronous } from './probe-synchronous.ts'

test('a write that waits is on the disk with the commit that takes it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crash-probe-'))
  const levels = await probeSynchronous(join(folder, 'cache.db'))
  rmSync(folder, { recursive: true })
  expect(levels.length).toBeGreaterThan(5)
  expect(new Set(levels)).toEqual(new Set([FULL]))
})
