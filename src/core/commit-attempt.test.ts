import { expect, test } from 'vitest'
import { ArgumentError, TierError } from '../contracts/errors.ts'
import type { Store } from '../contracts/source.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

/** Two instances, of which the second may be cut off, over rows that transactions roll back. */
function setup(put: 'behind' | 'through', tagsOf: () => readonly string[] = () => []) {
  const clock = new FakeClock()
  const tier = memoryTier()
  const rows = new Map<string, string>()
  const scene = { cutOff: false }
  const store: Store<string, string> = {
    fencing: 'unfenced',
    load: (key) => rows.get(key),
    apply: async (writes) => {
      for (const one of writes) if (one.kind !== 'remove') rows.set(one.key, one.value)
      return writes.map(() => ({ kind: 'applied' }))
    },
  }
  const open = (cut: () => boolean) => {
    const plan = () =>
      cut() ? ({ kind: 'fail', error: new Error('cut') } as const) : ({ kind: 'none' } as const)
    const logger = { level: 'silent', warn: () => {}, error: () => {} }
    const cache = createCache(
      { name: 'shop', shared: chaosTier(tier, plan, clock), logger },
      { clock },
    )
    const behind = put === 'behind' ? { behind: { delay: '20s' } as const } : {}
    return {
      cache,
      things: cache.collection<string, string>('thing', {
        store,
        tagsOf,
        write: { put },
        ...behind,
      }),
    }
  }
  const [here, there] = [open(() => false), open(() => scene.cutOff)]
  const transact = () =>
    there.cache.afterCommit(
      async (work: (tx: undefined) => Promise<void>) => {
        const before = new Map(rows)
        try {
          await work(undefined)
        } catch (error) {
          for (const [key, value] of before) rows.set(key, value)
          throw error
        }
      },
      async (_, changes) => {
        rows.set('a', 'committed')
        changes.put(there.things, 'a', 'committed')
      },
    )
  return { clock, rows, scene, here, there, transact }
}

test('a transaction is rolled back where nobody can say whether a write waits', async () => {
  const { clock, rows, scene, here, there, transact } = setup('behind')
  rows.set('a', 'old')
  expect(await there.things.get('a')).toBe('old')
  await here.things.put('a', 'acknowledged')
  scene.cutOff = true
  await expect(clock.until(transact())).rejects.toThrow(TierError)
  expect(rows.get('a')).toBe('old')
  scene.cutOff = false
  await clock.advance(30_000)
  expect(rows.get('a')).toBe('acknowledged')
  expect(await here.things.get('a')).toBe('acknowledged')
})

test('a transaction on what is written through commits unprotected, as other writes do', async () => {
  const { clock, rows, scene, there, transact } = setup('through')
  rows.set('a', 'old')
  expect(await there.things.get('a')).toBe('old')
  scene.cutOff = true
  expect(await clock.until(transact())).toMatchObject({ protected: false })
  expect(rows.get('a')).toBe('committed')
})

test.each(['behind', 'through'] as const)(
  'a transaction is rolled back where its keys cannot be written, as other writes %s are',
  async (put) => {
    let tag = 'fine'
    const { clock, rows, there, transact } = setup(put, () => [tag])
    rows.set('a', 'old')
    expect(await there.things.get('a')).toBe('old')
    tag = ''
    await expect(clock.until(transact())).rejects.toThrow(ArgumentError)
    expect(rows.get('a')).toBe('old')
    tag = 'fine'
    expect(await clock.until(transact())).toMatchObject({ protected: true })
    expect(await there.things.get('a')).toBe('committed')
  },
)
