import { expect, test } from 'vitest'
import { type Driver, drivers } from '../../../test/servers/redis-drivers.ts'
import { startRedis } from '../../../test/servers/start-redis.ts'
import { until } from '../../../test/servers/until.ts'
import { SystemClock } from '../../memory/system-clock.ts'
import { SystemRandom } from '../../memory/system-random.ts'
import { connectRedis } from '../connection/connect-redis.ts'
import { MapCopy } from './map-copy.ts'
import type { ServerMap } from './server-map.ts'

function mapOf(version: number, id = 'one'): ServerMap {
  const places = [{ on: 'a', since: version }]
  return { version, id, home: 'a', servers: ['a'], retired: [], places }
}

async function setup() {
  const server = await startRedis()
  const user = (drivers[0] as Driver).single(server.port)
  const context = { clock: new SystemClock(), random: new SystemRandom(), report: () => {} }
  const connection = connectRedis(user.client, context)
  await connection.ready
  return {
    server,
    copy: new MapCopy({ cache: 'shop', server: 'a', connection }),
    async [Symbol.asyncDispose]() {
      await connection.close()
      user.end()
      await server[Symbol.asyncDispose]()
    },
  }
}

test('of two that want to change the map, one has the right to', async () => {
  await using scene = await setup()
  const { copy } = scene
  expect(await copy.claim('me', 60_000)).toMatchObject({ granted: true })
  expect(await copy.claim('you', 60_000)).toMatchObject({ granted: false })
  expect(await copy.change('you', undefined, mapOf(1))).toBe(false)
  expect(await copy.change('me', undefined, mapOf(1))).toBe(true)
  await copy.release('you')
  expect(await copy.claim('you', 60_000)).toMatchObject({ granted: false })
  await copy.release('me')
  expect(await copy.claim('you', 60_000)).toMatchObject({ granted: true })
})

test('the right to change the map ends by itself', async () => {
  await using scene = await setup()
  const { copy } = scene
  await copy.claim('me', 30)
  await until('it has ended', async () => (await copy.claim('you', 60_000)).granted)
  expect(await copy.change('me', undefined, mapOf(1))).toBe(false)
})

test('a map is changed only if it is the one that was seen', async () => {
  await using scene = await setup()
  const { copy } = scene
  await copy.claim('me', 60_000)
  expect(await copy.change('me', mapOf(1), mapOf(2))).toBe(false)
  expect(await copy.change('me', undefined, mapOf(1))).toBe(true)
  expect(await copy.change('me', undefined, mapOf(2))).toBe(false)
  expect(await copy.change('me', mapOf(1, 'another'), mapOf(2))).toBe(false)
  expect(await copy.change('me', mapOf(1), mapOf(2))).toBe(true)
  expect(await copy.read()).toEqual({ map: mapOf(2), name: 'a' })
})

test('a copy never takes the place of a higher map', async () => {
  await using scene = await setup()
  const { copy } = scene
  expect(await copy.copy(mapOf(5, 'm'))).toBe(true)
  expect(await copy.copy(mapOf(4, 'z'))).toBe(false)
  expect(await copy.copy(mapOf(5, 'a'))).toBe(false)
  expect(await copy.copy(mapOf(5, 'm'))).toBe(true)
  expect((await copy.read()).map).toEqual(mapOf(5, 'm'))
  // Of one version, every process goes by the same.
  expect(await copy.copy(mapOf(5, 'z'))).toBe(true)
  expect(await copy.copy(mapOf(6, 'a'))).toBe(true)
})

test('versions are as large as wall clocks, and are compared as numbers', async () => {
  await using scene = await setup()
  const { copy } = scene
  expect(await copy.copy(mapOf(999_999_999_999))).toBe(true)
  expect(await copy.copy(mapOf(1_790_000_000_001))).toBe(true)
  expect(await copy.copy(mapOf(1_790_000_000_000))).toBe(false)
})

test('a full server takes a map', async () => {
  await using scene = await setup()
  const { copy, server } = scene
  await server.call('CONFIG', 'SET', 'maxmemory', '1')
  expect(await copy.claim('me', 60_000)).toMatchObject({ granted: true })
  expect(await copy.change('me', undefined, mapOf(1))).toBe(true)
  expect(await copy.copy(mapOf(2))).toBe(true)
})

test('a server is used by a cache that was opened on it', async () => {
  await using scene = await setup()
  const { copy, server } = scene
  expect(await copy.isUsed()).toBe(false)
  await server.call('HSET', '{shop/locks}:c', 'S', '16')
  expect(await copy.isUsed()).toBe(true)
})

test('what is no map is refused in words', async () => {
  await using scene = await setup()
  const { copy, server } = scene
  await server.call('HSET', '{shop/map}:m', 'm', 'nonsense')
  await expect(copy.read()).rejects.toThrow(/this release can read/)
})
