/** Keys that mean something to Redis, to globs, to JavaScript or to terminals: they are keys like any other. */

import { describe, expect, test } from 'vitest'
import { drivers } from '../servers/redis-drivers.ts'
import { until } from '../servers/until.ts'
import { Fleet } from './fleet.ts'

const clients = drivers.filter(({ driver }) => driver === 'ioredis 5' || driver === 'node-redis 6')

const SIGNS = ['\n', '\r\n', '\0', '\t', ' ', '*', '?', '[', ']', '\\', '{', '}', ':', '/', '%']
const WORDS = ['__proto__', 'constructor', 'prototype', 'toString', 'NaN', 'null', '', 'ü', '😀']
const HOSTILE: readonly string[] = [
  ...SIGNS,
  ...WORDS,
  ...SIGNS.map((sign) => `${sign}${sign}`),
  ...SIGNS.map((sign) => `a${sign}b`),
  ...SIGNS.flatMap((sign) => WORDS.map((word) => `${word}${sign}`)),
  '{shop/0}',
  '{}',
  '{{}}',
  'x'.repeat(8_192),
  '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n',
  "'; return redis.call('FLUSHALL') --",
  's1:a',
  ':s1:a',
  '!token',
].slice(0, 200)

describe.each(clients)('with $driver', (driver) => {
  test('200 hostile keys go through every operation, each on its own', async () => {
    expect(new Set(HOSTILE).size).toBeGreaterThan(180)
    await using fleet = await Fleet.start(driver)
    const [one, two] = [(await fleet.join()).cache, (await fleet.join()).cache]
    const keys = [...new Set(HOSTILE)]
    await Promise.all(
      keys.map((key, at) => one.set(key, at, { tags: [`tag ${key}`.slice(0, 500)] })),
    )
    const read = await two.getMany<number>(keys)
    expect(keys.map((key) => read.get(key))).toEqual(keys.map((_, at) => at))

    for (const [at, key] of keys.entries()) {
      expect(await two.has(key), JSON.stringify(key.slice(0, 50))).toBe(true)
      expect(await one.ttl(key)).toBeGreaterThan(0)
      expect(await one.touch(key, '2h')).toBe(true)
      expect((await two.inspect(key))?.tags).toHaveLength(1)
      expect(await one.getOrLoad(key, () => 'loaded')).toBe(at)
    }
    const listed: string[] = []
    for await (const key of two.keys()) listed.push(key)
    expect(listed.sort()).toEqual([...keys].sort())

    // Each removal takes its own key and leaves its neighbours.
    const [first = [], second = [], third = []] = [0, 1, 2].map((part) =>
      keys.filter((_, at) => at % 3 === part),
    )
    for (const key of first) expect((await one.delete(key)).found).toBe(true)
    expect((await two.deleteMany(second)).succeeded).toBe(second.length)
    await until('all have heard of it', async () => {
      const [here, there] = await Promise.all([one.getMany(keys), two.getMany(keys)])
      return here.size === third.length && there.size === third.length
    })
    const left = await one.getMany(keys)
    expect([...left.keys()]).toEqual(third)
    const results = await one.batch((batch) => third.map((key) => batch.get<number>(key)))
    expect(results.every((result) => result.ok && typeof result.value === 'number')).toBe(true)
    for (const key of third) await one.expire(key)
    expect((await two.getMany(third, { read: 'shared' })).size).toBe(0)
  }, 60_000)

  test('no sign in a key moves it out of its shard', async () => {
    await using fleet = await Fleet.start(driver)
    const { cache } = await fleet.join()
    await cache.setMany(HOSTILE.map((key) => [key, 1]))
    const stored = (await fleet.server.call('KEYS', '*')) as readonly string[]
    const outside = stored.filter((key) => !/^\{shop\/[^{}]+\}:/.test(key))
    expect(outside).toEqual([])
  })
})
