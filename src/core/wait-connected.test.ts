import { describe, expect, test } from 'vitest'
import type { CacheOptions } from '../contracts/cache.ts'
import type { InstanceStanding, SharedSession, SharedTier } from '../contracts/shared-tier.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, type Fault } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

/** Instances by name; `here` deletes, and the steps of the others meet `scene.plan`. */
function setup({
  shards = 1,
  standings,
}: {
  shards?: number
  standings?: SharedSession['standings']
} = {}) {
  const clock = new FakeClock()
  const tier = memoryTier({ shards })
  const scene: { plan: (operation: string) => Fault; own: (operation: string) => Fault } = {
    plan: () => ({ kind: 'none' }),
    own: () => ({ kind: 'none' }),
  }
  const silent = { level: 'silent', warn: () => {}, error: () => {} }
  const open = (instance: string, shared: CacheOptions['shared']) =>
    createCache(
      { name: 'shop', shared, instance, logger: silent, defaults: { jitter: 0 } },
      { clock },
    )
  const others = (instance: string) =>
    open(
      instance,
      chaosTier(tier, (operation) => scene.plan(operation), clock),
    )
  const odd: SharedTier = {
    kind: 'memory',
    open: (context) => Object.assign(tier.open(context), standings && { standings }),
  }
  const here = open(
    'here',
    chaosTier(odd, (operation) => scene.own(operation), clock),
  )
  /** Deletes, and answers with the receipt and how long it took. */
  const deleted = async (key = 'a') => {
    const startedAt = clock.monotonic()
    const deleting = here
      .delete(key, { wait: 'connected', timeouts: { hard: '2s' } })
      .then((receipt) => ({ ...receipt, tookMs: clock.monotonic() - startedAt }))
    await clock.advance(3_000)
    return await deleting
  }
  return { clock, scene, here, others, deleted }
}

const cutOff = (operation: string): Fault =>
  operation === 'follow' || operation === 'signal'
    ? { kind: 'fail', error: new Error('no way to it') }
    : { kind: 'none' }

describe('a change that waits for those who are connected', () => {
  test('resolves when all of them have told that they have followed so far', async () => {
    const { others, deleted, clock } = setup()
    others('one')
    others('two')
    await clock.advance(1_000)
    const { unconfirmed, state, tookMs } = await deleted()
    expect({ unconfirmed, state }).toEqual({ unconfirmed: [], state: 'done' })
    expect(tookMs).toBeGreaterThan(0)
    expect(tookMs).toBeLessThanOrEqual(600)
  })

  test('waits for all shards that it touched', async () => {
    const { others, clock, here } = setup({ shards: 4 })
    others('one')
    await clock.advance(1_000)
    const deleting = here.delete('a', { wait: 'connected' })
    await clock.advance(1_000)
    expect(await deleting).toMatchObject({ unconfirmed: [] })
  })

  test('names those that are behind when its time is over, each once', async () => {
    const { others, deleted, scene, clock } = setup()
    for (const name of ['two', 'one', 'one']) others(name)
    await clock.advance(1_000)
    scene.plan = cutOff
    const { unconfirmed, tookMs } = await deleted()
    expect(unconfirmed).toEqual(['one', 'two'])
    expect(tookMs).toBe(2_000)
  })

  test('does not wait for those that were not heard of for ten seconds', async () => {
    const { others, deleted, scene, clock } = setup()
    others('one')
    await clock.advance(1_000)
    scene.plan = cutOff
    await clock.advance(11_000)
    expect(await deleted()).toMatchObject({ unconfirmed: [] })
  })

  test('does not wait for those that follow another epoch: they hold nothing from before', async () => {
    const standing: InstanceStanding = { instance: 'lost', epoch: 'other', cursor: 0, ageMs: 0 }
    const { deleted } = setup({ standings: async () => [standing] })
    expect(await deleted()).toMatchObject({ unconfirmed: [], tookMs: 0 })
  })

  test('waits for those that have just begun, and may keep copies before they tell so', async () => {
    const standing: InstanceStanding = { instance: 'young', epoch: '', cursor: 0, ageMs: 0 }
    const { deleted } = setup({ standings: async () => [standing] })
    expect(await deleted()).toMatchObject({ unconfirmed: ['young'], tookMs: 2_000 })
  })

  test('says that nobody can tell where the tier does not answer who there is', async () => {
    const { deleted, scene, clock } = setup()
    await clock.advance(100)
    scene.own = (operation) =>
      operation === 'standings' ? { kind: 'fail', error: new Error('down') } : { kind: 'none' }
    expect(await deleted()).toMatchObject({ unconfirmed: ['*'], state: 'done', tookMs: 2_000 })
  })

  test('says so at once where the tier has not taken the change', async () => {
    const { deleted, scene, clock } = setup()
    await clock.advance(100)
    scene.own = (operation) =>
      operation === 'invalidate' ? { kind: 'fail', error: new Error('down') } : { kind: 'none' }
    expect(await deleted()).toMatchObject({ unconfirmed: ['*'], state: 'pending', tookMs: 0 })
  })

  test('ends when the cache is closed', async () => {
    const { others, here, scene, clock } = setup()
    others('one')
    await clock.advance(1_000)
    scene.plan = cutOff
    const deleting = here.delete('a', { wait: 'connected', timeouts: { hard: '1h' } })
    await clock.advance(500)
    const closing = here.close()
    await clock.advance(200)
    expect(await deleting).toMatchObject({ unconfirmed: ['one'] })
    await closing
  })

  test('has nobody to wait for without a shared tier', async () => {
    const alone = createCache({ name: 'shop' }, { clock: new FakeClock() })
    expect(await alone.delete('a', { wait: 'connected' })).toMatchObject({ unconfirmed: [] })
  })

  test('is refused where its time cannot be, and what it waits for is no word', async () => {
    const { here } = setup()
    const timing = here.delete('a', { wait: 'connected', timeouts: { hard: 0 } })
    await expect(timing).rejects.toMatchObject({ field: 'timeouts.hard' })
    const word = here.delete('a', { wait: 'all' as 'connected' })
    await expect(word).rejects.toMatchObject({ field: 'wait' })
  })
})

test('a change that waits for nobody asks for no standings', async () => {
  const { here, scene } = setup()
  const asked: string[] = []
  scene.own = (operation) => {
    asked.push(operation)
    return { kind: 'none' }
  }
  expect(await here.delete('a')).toMatchObject({ unconfirmed: [] })
  expect(asked).not.toContain('standings')
})
