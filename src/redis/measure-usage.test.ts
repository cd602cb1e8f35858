import { expect, test } from 'vitest'
import { redisScene } from '../../test/contract/redis-scene.ts'
import { encodeKey } from '../keys/key-encoding.ts'
import { sharedValue } from '../testing/shared-steps.ts'

test('on a server with very many keys of others, usage is reckoned from some of them', async () => {
  await using scene = await redisScene()
  const tier = await scene.steps()
  const others = "for i = 1, 30000 do redis.call('SET', 'other:' .. i, 'x') end"
  await scene.server.call('EVAL', others, 0)
  const envelope = new Uint8Array(1_000)
  const values = Array.from({ length: 3_000 }, (_, at) => ({
    ...sharedValue(encodeKey('product', at).id, '', { collection: 'product' }),
    envelope,
  }))
  await tier.session.set(values)
  const { entries, bytes } = await tier.session.usage()
  expect(entries).toBeGreaterThan(2_000)
  expect(entries).toBeLessThan(4_000)
  expect(bytes / entries).toBeGreaterThan(1_000)
  expect(bytes / entries).toBeLessThan(1_500)
})

test('what counts as full is told by the server, or else by the user', async () => {
  await using scene = await redisScene({ tier: { maxBytes: 7_000 } })
  const tier = await scene.steps()
  expect((await tier.session.usage()).maxBytes).toBe(7_000)
  await scene.server.call('CONFIG', 'SET', 'maxmemory', '100mb')
  expect((await tier.session.usage()).maxBytes).toBe(100 * 1024 * 1024)
  await using unbounded = await redisScene()
  const other = await unbounded.steps()
  expect((await other.session.usage()).maxBytes).toBe(Number.POSITIVE_INFINITY)
})
