/** What waits for the source is newer than the source, whichever way a read came to ask it. */

import { describe, expect, test } from 'vitest'
import type { VersionToken } from '../contracts/options.ts'
import type { SharedSession, SharedTier } from '../contracts/shared-tier.ts'
import type { Store, StoreOutcome } from '../contracts/source.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} } as const

/** A tier that names another epoch in its answers, where one is given. */
function renewedTier(tier: SharedTier, scene: { readonly epoch: string | undefined }): SharedTier {
  return {
    kind: tier.kind,
    open(context) {
      const session = tier.open(context)
      const [read, claim] = [session.read.bind(session), session.claim.bind(session)]
      const named = <T extends object>(answers: readonly T[]): readonly T[] =>
        scene.epoch === undefined ? answers : answers.map((one) => ({ ...one, epoch: scene.epoch }))
      const renewed: Pick<SharedSession, 'read' | 'claim'> = {
        read: async (keys) => named(await read(keys)),
        claim: async (requests, options) => named(await claim(requests, options)),
      }
      return Object.assign(session, renewed)
    },
  }
}

/** Two instances over one table, whose writes wait for an hour; `scene.failing` fails for `here`. */
function setup(limits: { readonly concurrency?: number } = {}) {
  const clock = new FakeClock()
  const tier = memoryTier()
  const scene = {
    failing: [] as string[],
    asked: [] as string[],
    loads: 0,
    epoch: undefined as string | undefined,
    versions: { running: 0, most: 0 },
  }
  const planned = chaosTier(
    renewedTier(tier, scene),
    (operation) => {
      scene.asked.push(operation)
      return scene.failing.includes(operation)
        ? { kind: 'fail', error: new Error('no way to it') }
        : { kind: 'none' }
    },
    clock,
  )
  const rows = new Map([['a', 'old']])
  const store: Store<string, string> = {
    ...limits,
    fencing: 'versioned',
    load: (key) => {
      scene.loads += 1
      return rows.get(key)
    },
    // Newer than anything that waits.
    versions: async (keys) => {
      scene.versions.running += 1
      scene.versions.most = Math.max(scene.versions.most, scene.versions.running)
      await new Promise<void>((resolve) => void clock.schedule(1, resolve))
      scene.versions.running -= 1
      return new Map(keys.map((key) => [key, { version: 2n ** 53n, epoch: 'since' }]))
    },
    apply: async (writes) => writes.map((): StoreOutcome => ({ kind: 'applied' })),
  }
  const open = (shared: typeof tier) =>
    createCache(
      { name: 'shop', shared, logger: SILENT, defaults: { jitter: 0 } },
      { clock },
    ).collection('thing', {
      store,
      write: { put: 'behind', remove: 'behind' },
      behind: { delay: '1h' },
    })
  return { clock, scene, there: open(tier), here: open(planned) }
}

describe('a read of what waits for the source', () => {
  test('with a version of another epoch finds it', async () => {
    const { here, there, scene } = setup()
    await here.get('a')
    await there.put('a', 'new')
    scene.loads = 0
    for (const minVersion of ['1~0.elsewhere.5', '1~source'] as VersionToken[]) {
      expect(await here.read('a', { minVersion })).toMatchObject({ value: 'new', tier: 'shared' })
    }
    expect(scene.loads).toBe(0)
  })

  test('with such a version is marked stale where the tier cannot be followed', async () => {
    const { here, there, scene } = setup()
    await here.get('a')
    await there.put('a', 'new')
    // A master that was replaced answers reads, and knows nothing of what waits elsewhere.
    scene.failing = ['follow']
    const minVersion = '1~0.elsewhere.5' as VersionToken
    const reading = await here.read('a', { minVersion })
    expect(reading).toMatchObject({ value: 'old', tier: 'source', stale: true })
  })

  test('finds it although a removal of the key waits to be told', async () => {
    const { clock, here, there, scene } = setup()
    await here.get('a')
    scene.failing = ['invalidate']
    expect((await here.delete('a')).state).toBe('pending')
    await there.put('a', 'new')
    expect(await here.get('a')).toBe('new')
    scene.failing = []
    await clock.advance(5_000)
    expect(await here.get('a')).toBe('new')
  })

  test('that has outlived the numbers of its shard is compared with the source', async () => {
    const { clock, here, there, scene } = setup()
    await here.get('b')
    await there.put('a', 'superseded long ago')
    // Nobody has told this process yet that the tier has gone back.
    scene.epoch = 'drawn since'
    const reading = here.read('a')
    await clock.advance(10)
    expect(await reading).toMatchObject({ value: 'old', tier: 'source' })
  })

  test('asks for versions no faster than the source is asked at all', async () => {
    const { here, there, scene, clock } = setup({ concurrency: 2 })
    await here.get('b')
    const keys = Array.from({ length: 20 }, (_, at) => `k${at}`)
    await Promise.all(keys.map((key) => there.put(key, 'superseded long ago')))
    scene.epoch = 'drawn since'
    const reading = Promise.all(keys.map((key) => here.read(key)))
    await clock.advance(1_000)
    await reading
    expect(scene.versions.most).toBe(2)
  })

  test('that loads anew is answered with it at once', async () => {
    const { here, there, scene } = setup()
    await there.put('a', 'new')
    await here.get('a')
    scene.asked = []
    expect(await here.refresh('a')).toBe('new')
    expect(scene.asked.filter((operation) => operation === 'claim')).toHaveLength(1)
    expect(scene.loads).toBe(0)
  })
})
