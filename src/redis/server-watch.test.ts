import { expect, test } from 'vitest'
import { openConnection } from '../../test/servers/open-connection.ts'
import { type Driver, drivers } from '../../test/servers/redis-drivers.ts'
import { startRedis } from '../../test/servers/start-redis.ts'
import { TierError } from '../contracts/errors.ts'
import type { Durability } from '../contracts/pending-steps.ts'
import { FakeClock } from '../testing/index.ts'
import { ServerWatch } from './server-watch.ts'

async function setup({
  appendonly = 'yes',
  durability,
}: {
  readonly appendonly?: string
  readonly durability?: Durability
} = {}) {
  const server = await startRedis({ config: { appendonly, appendfsync: 'always' } })
  const told: string[] = []
  const opened = openConnection((drivers[0] as Driver).single(server.port))
  await opened.connection.ready
  const watch = new ServerWatch({
    connection: opened.connection,
    clock: new FakeClock(),
    report: (event) => void (event.type === 'tier-failure' && told.push(String(event.error))),
    durability,
  })
  await watch.check()
  return {
    watch,
    server,
    told,
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

test('writes that would wait in memory alone are told of when the first is asked for, once', async () => {
  await using scene = await setup({ appendonly: 'no' })
  const { watch, told } = scene
  expect(told.filter((text) => text.includes('memory of Redis alone'))).toEqual([])
  for (let look = 0; look < 2; look += 1) {
    expect(await watch.durability).toBe('memory')
    await watch.check()
  }
  expect(told.filter((text) => text.includes('memory of Redis alone'))).toHaveLength(1)
  expect(told.join()).toContain('appendonly yes')
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

test('a server that reaches less than was asked for takes no writes until it is mended', async () => {
  await using scene = await setup({ durability: 'fsynced' })
  const { watch, server } = scene
  expect(await watch.durability).toBe('fsynced')
  await server.call('CONFIG', 'SET', 'appendfsync', 'everysec')
  await watch.check()
  await expect(watch.durability).rejects.toThrow(TierError)
  await expect(watch.durability).rejects.toThrow('`appendfsync always`')
  await server.call('CONFIG', 'SET', 'appendfsync', 'always')
  await watch.check()
  expect(await watch.durability).toBe('fsynced')
})

test('whoever writes after another connection waits for another look', async () => {
  await using scene = await setup()
  const { watch, server } = scene
  expect(await watch.durability).toBe('fsynced')
  await server.call('CONFIG', 'SET', 'appendfsync', 'everysec')
  watch.reconnected()
  expect(await watch.durability).toBe('appended')
})
