/**
 * What was shown to go wrong in well-known caches, played to this one: over a real Redis, with each
 * client.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type Cache, type Collection, ConfigError } from '../../src/index.ts'
import { SystemClock } from '../../src/memory/system-clock.ts'
import { drivers } from '../servers/redis-drivers.ts'
import { until } from '../servers/until.ts'
import { Fleet } from './fleet.ts'

const clients = drivers.filter(({ driver }) => driver === 'ioredis 5' || driver === 'node-redis 6')
/** In which a change must have reached an instance that is connected. */
const CONNECTED = { withinMs: 1_000 }

/** One row that all instances load, which takes a while. */
function rowOf(loadMs = 0) {
  const row = { value: 1, loads: 0 }
  const load = async (): Promise<number> => {
    row.loads += 1
    const seen = row.value
    if (loadMs > 0) await pause(loadMs)
    return seen
  }
  const things = (cache: Cache): Collection<string, number> =>
    cache.collection<string, number>('thing', { source: load, tagsOf: () => ['things'] })
  return { row, load, things }
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const startedAt = performance.now()
  const value = await work()
  return { value, ms: performance.now() - startedAt }
}

describe.each(clients)('with $driver', (driver) => {
  const removals: readonly (readonly [
    string,
    (cache: Cache, things: Collection<string, number>) => Promise<unknown>,
  ])[] = [
    ['a delete', (_, things) => things.delete('k')],
    ['a tag', (cache) => cache.invalidateTags(['things'])],
    ['a pattern', (_, things) => things.invalidatePattern('k*')],
    ['a clear', (cache) => cache.clear()],
  ]

  describe.each([0, 1])('a load on instance 0, a removal on instance %s', (at) => {
    test.each(removals)('%s while a load is under way leaves nothing stale', async (_, remove) => {
      await using fleet = await Fleet.start(driver)
      const { row, things } = rowOf(200)
      const members = [await fleet.join(), await fleet.join()]
      const [one, two] = members.map(({ cache }) => ({ cache, things: things(cache) }))
      if (one === undefined || two === undefined) throw new Error('unreachable')
      const loading = one.things.get('k')
      await until('the load is under way', () => row.loads === 1)
      row.value = 2
      const other = [one, two][at] ?? one
      await remove(other.cache, other.things)
      expect(await loading).toBe(1)
      for (const { things: seen } of [one, two]) {
        await until('the new value is read', async () => (await seen.get('k')) === 2, CONNECTED)
      }
      const late = await fleet.join()
      expect(await things(late.cache).get('k')).toBe(2)
    })
  })

  test('a value that is set while a load is under way stays', async () => {
    await using fleet = await Fleet.start(driver)
    const { row, load } = rowOf(200)
    const [one, two] = [await fleet.join(), await fleet.join()]
    const loading = one.cache.getOrLoad('k', load)
    await until('the load is under way', () => row.loads === 1)
    await two.cache.set('k', 2)
    await loading
    await until('it is read', async () => (await one.cache.get('k')) === 2, CONNECTED)
    expect(await two.cache.get('k')).toBe(2)
  })

  test('a delete that an instance was cut off from is caught up with', async () => {
    await using fleet = await Fleet.start(driver)
    const { row, things } = rowOf()
    const [one, two] = [await fleet.join(), await fleet.join()]
    const [here, there] = [things(one.cache), things(two.cache)]
    await here.get('k')
    await there.get('k')
    two.way.refuse()
    two.way.reset()
    row.value = 2
    expect((await here.delete('k')).state).toBe('done')
    await pause(1_500)
    two.way.heal()
    await until('the new value is read', async () => (await there.get('k')) === 2, {
      withinMs: 5_000,
    })
    expect(await here.get('k')).toBe(2)
  })

  test.each([
    ['killed', (fleet: Fleet) => fleet.server.kill9()],
    ['stopped', async (fleet: Fleet) => fleet.server.pause()],
  ] as const)('a server that is %s keeps nobody waiting', async (_, hit) => {
    await using fleet = await Fleet.start(driver)
    const { row, load } = rowOf(10)
    const { cache } = await fleet.join()
    await cache.getOrLoad('warm', load)
    await hit(fleet)
    try {
      const first = await timed(() => cache.getOrLoad('cold', load))
      expect(first.value).toBe(1)
      expect(first.ms).toBeLessThan(1_000)
      expect((await timed(() => cache.getOrLoad('warm', load))).ms).toBeLessThan(100)
      // Once it is known to be away, it is not asked: each read takes what its load takes.
      await pause(1_500)
      const many = await timed(() =>
        Promise.all(Array.from({ length: 50 }, (__, at) => cache.getOrLoad(`new ${at}`, load))),
      )
      expect(many.ms).toBeLessThan(150)
      expect(row.loads).toBeGreaterThan(50)
    } finally {
      if (fleet.server.isAlive) fleet.server.resume()
    }
  })

  test('a server that is not there at the start keeps nobody waiting', async () => {
    await using fleet = await Fleet.start(driver)
    await fleet.server.kill9()
    const { load } = rowOf(10)
    const { cache } = await fleet.joinUnready()
    // The first waits until the opening is given up, which is 1 s; its own time is 5 s.
    const { value, ms } = await timed(() => cache.getOrLoad('k', load))
    expect(value).toBe(1)
    expect(ms).toBeLessThan(1_500)
    expect((await timed(() => cache.getOrLoad('another', load))).ms).toBeLessThan(500)
    await fleet.server.restart()
    await until('it is ready', () => cache.ready().then(() => true))
    expect(await cache.getOrLoad('k', load)).toBe(1)
  })

  test('a server that is not there at the start costs no read more than its time', async () => {
    await using fleet = await Fleet.start(driver)
    await fleet.server.kill9()
    const { load } = rowOf(10)
    const { cache } = await fleet.joinUnready()
    const short = { timeouts: { hard: 400 } }
    const reads = await Promise.all(
      ['a', 'b', 'a'].map((key) => timed(() => cache.getOrLoad(key, load, short))),
    )
    for (const { value, ms } of reads) {
      expect(value).toBe(1)
      // Half of it for the tier, the other half for the source.
      expect(ms).toBeGreaterThan(190)
      expect(ms).toBeLessThan(400)
    }
    const never = Promise.withResolvers<number>()
    const late = cache.getOrLoad('slow', () => never.promise, short)
    const { ms } = await timed(() => late.catch(() => {}))
    never.resolve(1)
    await expect(late).rejects.toMatchObject({ code: 'loader-timeout', timeoutMs: 400 })
    expect(ms).toBeLessThan(500)
  })

  test('a delete during an outage is kept, told and carried out', async () => {
    await using fleet = await Fleet.start(driver)
    const { row, things } = rowOf()
    const { cache, way } = await fleet.join()
    const here = things(cache)
    await here.get('k')
    way.refuse()
    way.reset()
    row.value = 2
    const receipt = await here.delete('k')
    expect(receipt.state).toBe('pending')
    await pause(1_000)
    way.heal()
    await until('the shared tier has heard', async () => {
      const late = await fleet.join()
      return (await things(late.cache).get('k')) === 2
    })
    expect(await here.get('k')).toBe(2)
  })

  test('callers of several instances share one load', async () => {
    await using fleet = await Fleet.start(driver)
    const { row, load } = rowOf(200)
    const members = await Promise.all(Array.from({ length: 4 }, () => fleet.join()))
    const { ms } = await timed(() =>
      Promise.all(
        members.flatMap(({ cache }) =>
          Array.from({ length: 25 }, () => cache.getOrLoad('k', load)),
        ),
      ),
    )
    expect(row.loads).toBe(1)
    expect(ms).toBeLessThan(600)
  })

  test('a load that fails is made once for all who wait', async () => {
    await using fleet = await Fleet.start(driver)
    const { cache } = await fleet.join()
    let calls = 0
    const failing = async (): Promise<number> => {
      calls += 1
      await pause(50)
      throw new Error('down')
    }
    const { value, ms } = await timed(() =>
      Promise.allSettled(Array.from({ length: 40 }, () => cache.getOrLoad('k', failing))),
    )
    expect(value.every(({ status }) => status === 'rejected')).toBe(true)
    expect(calls).toBe(1)
    expect(ms).toBeLessThan(500)
  })

  test.each([[0], [''], [false], [null]])('%s is a value on every instance', async (value) => {
    await using fleet = await Fleet.start(driver)
    const [one, two] = [await fleet.join(), await fleet.join()]
    await one.cache.set('k', value)
    expect(await two.cache.getOrLoad('k', () => 'loaded')).toBe(value)
  })

  test('what is removed as a whole is removed on every instance', async () => {
    await using fleet = await Fleet.start(driver)
    const [one, two, three] = [await fleet.join(), await fleet.join(), await fleet.join()]
    await one.cache.set('k', 1)
    for (const { cache } of [one, two]) expect(await cache.get('k')).toBe(1)
    // The one that clears holds no copy of it.
    await three.cache.clear()
    for (const { cache } of [one, two]) {
      await until('it is gone', async () => (await cache.get('k')) === undefined, CONNECTED)
    }
  })

  test('tags hold for entries without an end, whatever the clocks of the instances say', async () => {
    await using fleet = await Fleet.start(driver)
    const system = new SystemClock()
    const skewed = (byMs: number) => ({
      clock: {
        now: () => system.now() + byMs,
        monotonic: () => system.monotonic(),
        schedule: system.schedule.bind(system),
      },
    })
    const behind = await fleet.join({}, skewed(-5_000))
    const ahead = await fleet.join({}, skewed(5_000))
    const far = await fleet.join({}, skewed(3_600_000))
    const all = [behind, ahead, far]
    for (const writer of all) {
      await writer.cache.set('k', 'old', { ttl: 'none', tags: ['t'] })
      for (const { cache } of all) {
        await until('it is read', async () => (await cache.get('k')) === 'old', CONNECTED)
      }
      await writer.cache.invalidateTags(['t'])
      for (const { cache } of all) {
        await until('it is gone', async () => (await cache.get('k')) === undefined, CONNECTED)
      }
    }
  })

  test('a life that cannot be is refused, and one with a fraction is a life', async () => {
    await using fleet = await Fleet.start(driver)
    const [one, two] = [await fleet.join(), await fleet.join()]
    for (const ttl of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(one.cache.set('k', 1, { ttl })).rejects.toMatchObject({ field: 'ttl' })
    }
    await one.cache.set('k', 1, { ttl: 5_333.3 })
    expect(await two.cache.get('k')).toBe(1)
  })

  test('a removal takes what it names, whatever characters stand in it', async () => {
    await using fleet = await Fleet.start(driver)
    const { cache } = await fleet.join()
    const keys = ['tenant*', 'tenantA', 'tenant*B', 'x[1]', 'x1', '{a}', '{b}', 'a?', 'ab', '\\*']
    await cache.setMany(keys.map((key) => [key, key]))
    await cache.invalidatePattern('tenant\\*')
    await cache.invalidatePattern('x\\[1\\]')
    await cache.invalidatePattern('a\\?')
    await cache.delete('{a}')
    const left = await cache.getMany(keys)
    expect([...left.keys()]).toEqual(['tenantA', 'tenant*B', 'x1', '{b}', 'ab', '\\*'])
    expect(() => cache.collection('tenant*', { source: () => 1 })).toThrow(ConfigError)
  })
})
