import { describe, expect, test } from 'vitest'
import { redisScene } from '../../test/contract/redis-scene.ts'
import { type Driver, drivers } from '../../test/servers/redis-drivers.ts'
import { keyOf, keys, LEASE_MS, sharedValue } from '../testing/shared-steps.ts'

const tagsOf = (...tags: readonly string[]) =>
  ({ kind: 'tags', tags, match: 'any', mode: 'delete' }) as const

/** A tier with a lease and a write under way, on a server that has become full. */
async function setup(driver: Driver) {
  const scene = await redisScene({ driver, config: { 'maxmemory-policy': 'noeviction' } })
  const tier = await scene.steps()
  await tier.set('there', 'one', { tags: ['red'] })
  await tier.set('also', 'one')
  const lease = await tier.begin('loading', 'loader')
  await tier.session.beginIntent([
    { ...keyOf('written'), token: 'writer', deadlineMs: LEASE_MS, tags: ['blue'] },
  ])
  const lock = { names: ['lock'], owner: 'me', ttlMs: LEASE_MS }
  await tier.session.locks.acquire(lock)
  await scene.server.call('CONFIG', 'SET', 'maxmemory', '1')
  await expect(scene.server.call('SET', 'any', 'value')).rejects.toThrow('OOM')
  return { ...scene, tier, lease, lock }
}

describe.each([drivers[0], drivers[2]] as Driver[])('while Redis is full, $driver', (driver) => {
  test('what stores is refused in words', async () => {
    await using scene = await setup(driver)
    const { tier, lease, lock } = scene
    const full = expect.objectContaining({
      code: 'tier',
      scope: 'step',
      message: expect.stringContaining('full'),
    })
    const { session } = tier
    const refused = [
      () => session.set([sharedValue('new', 'x')]),
      () => session.fill([{ ...sharedValue('loading', 'x'), ...lease }]),
      () => session.locks.acquire({ ...lock, owner: 'you', names: ['b'] }),
      () => session.beginIntent([{ ...keyOf('b'), token: 't', deadlineMs: 9, tags: [] }]),
    ]
    for (const step of refused) await expect(step()).rejects.toEqual(full)
  })

  test('removals, ends, releases and follows are carried out', async () => {
    await using scene = await setup(driver)
    const { tier, lock } = scene
    const claim = tier.session.claim([{ ...keyOf('b'), token: 't' }], { leaseMs: 99 })
    await expect(claim).resolves.toMatchObject([{ kind: 'granted' }])
    await expect(tier.session.invalidate(keys('delete', 'there'))).resolves.toMatchObject({
      found: [true],
    })
    await expect(tier.session.invalidate(keys('expire', 'also'))).resolves.toMatchObject({
      found: [true],
    })
    await tier.session.invalidate(tagsOf('red', 'green'))
    await tier.session.invalidate({ kind: 'tags', tags: ['a', 'b'], match: 'all', mode: 'delete' })
    await tier.session.invalidate({ kind: 'collection', collection: 'product' })
    await tier.session.invalidate({ kind: 'pattern', collection: 'product', pattern: 'a*' })
    await tier.session.invalidate({ kind: 'clear' })
    await tier.session.release([{ ...keyOf('loading'), token: 'loader' }])
    const end = { ...keyOf('written'), token: 'writer', tags: ['blue'], begun: undefined }
    await expect(tier.session.endIntent([end])).resolves.toMatchObject([{ kind: 'removed' }])
    const asked = { shard: 0, epoch: undefined, cursor: 0, beat: true }
    const followed = await tier.session.follow(asked)
    expect(followed.changes).toContainEqual(expect.objectContaining({ kind: 'tag', tag: 'blue' }))
    await expect(tier.session.standings(0)).resolves.toHaveLength(1)
    await expect(tier.session.locks.renew(lock)).resolves.toBe(true)
    await tier.session.locks.release(lock)
    await expect(tier.session.locks.remaining('lock')).resolves.toBeUndefined()
  })

  test('a new epoch is drawn all the same', async () => {
    await using scene = await setup(driver)
    const { tier, server } = scene
    const asked = { shard: 0, epoch: undefined, cursor: 0, beat: false }
    const before = await tier.session.follow(asked)
    await server.call('FLUSHALL')
    const after = await tier.session.follow(asked)
    expect(after.epoch).not.toBe(before.epoch)
  })
})
