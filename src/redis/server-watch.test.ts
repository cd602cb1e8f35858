import { expect, test } from 'vitest'
import { openConnection } from '../../test/servers/open-connection.ts'
import { type Driver, drivers } from '../../test/servers/redis-drivers.ts'
import { startRedis } from '../../test/servers/start-redis.ts'
import { FakeClock } from '../testing/index.ts'
import { ServerWatch } from './server-watch.ts'

async function setup() {
  const server = await startRedis({ config: { appendonly: 'yes', appendfsync: 'always' } })
  const opened = openConnection((drivers[0] as Driver).single(server.port))
  await opened.connection.ready
  const watch = new ServerWatch({
    connection: opened.connection,
    clock: new FakeClock(),
    report: () => {},
    durability: undefined,
  })
  await watch.check()
  return {
    watch,
    server,
    async [Symbol.asyncDispose]() {
      watch.close()
      await opened[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

test('what a write survives is judged once for each look at the servers', async () => {
  await using scene = await setup()
  const { watch, server } = scene
  const first = watch.durability
  expect(await first).toBe('fsynced')
  expect(watch.durability).toBe(first)
  await server.call('CONFIG', 'SET', 'appendfsync', 'everysec')
  await watch.check()
  expect(await watch.durability).toBe('appended')
})

test('a server that may evict writes is refused to them until another look finds it mended', async () => {
  await using scene = await setup()
  const { watch, server } = scene
  await server.call('CONFIG', 'SET', 'maxmemory', '64mb')
  await server.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
  await watch.check()
  await expect(watch.durability).rejects.toThrow('`maxmemory-policy volatile-lru`')
  await server.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
  await watch.check()
  expect(await watch.durability).toBe('fsynced')
})
