import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SeededRandom } from '../testing/seeded-random.ts'
import type { TierCall } from './tier-call.ts'
import { openTierEngine } from './tier-engine.ts'

/** Engines on one file, as those of two processes would be. */
function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-engine-'))
  const path = join(folder, 'cache.db')
  const random = new SeededRandom(1)
  const open = () => {
    const clocks = { now: () => 1_900_000_000_000, monotonic: () => 0 }
    const bounds = { maxBytes: 1e8, busyTimeoutMs: 100, idleMs: 1_000 }
    return openTierEngine({ path, name: 'shop', ...clocks, ...bounds, random, report() {} })
  }
  const engines = [open(), open()] as const
  const dispose = () => {
    for (const engine of engines) engine.close()
    rmSync(folder, { recursive: true })
  }
  return { path, engines, [Symbol.dispose]: dispose }
}

const WRITE: TierCall = {
  step: 'acquire',
  request: { names: ['a'], owner: 'one', ttlMs: 1_000 },
}
const READ: TierCall = { step: 'read', keys: [{ id: 'a', collection: '' }] }
const FOLLOW: TierCall = {
  step: 'follow',
  follower: { session: 's', instance: 'desk' },
  request: { shard: 0, epoch: undefined, cursor: 0, beat: false },
}

test('a file is changed once for what another process has written, and not for reads', () => {
  using scene = setup()
  const [own, other] = scene.engines
  other.run([READ])
  own.changed()
  expect(own.changed()).toBe(false)
  own.run([WRITE])
  other.run([READ])
  expect(own.changed()).toBe(false)
  other.run([{ ...WRITE, request: { ...WRITE.request, names: ['b'] } }])
  expect([own.changed(), own.changed()]).toEqual([true, false])
})

test('a file that took the place of another is changed once', () => {
  using scene = setup()
  const [own] = scene.engines
  own.run([FOLLOW])
  own.changed()
  for (const end of ['', '-wal', '-shm']) renameSync(scene.path + end, `${scene.path}.old${end}`)
  expect(own.changed()).toBe(false)
  own.run([FOLLOW])
  expect([own.changed(), own.changed()]).toEqual([true, false])
})

test('an engine that was closed is never changed, and opens nothing again', () => {
  using scene = setup()
  const [own, other] = scene.engines
  own.changed()
  own.close()
  other.run([WRITE])
  expect(own.changed()).toBe(false)
  expect(own.run([FOLLOW])).toMatchObject([{ ok: false }])
})
