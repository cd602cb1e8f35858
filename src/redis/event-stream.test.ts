import { expect, test } from 'vitest'
import { redisScene } from '../../test/contract/redis-scene.ts'
import { keys } from '../testing/shared-steps.ts'

test('each change is an entry of the stream, in order', async () => {
  await using scene = await redisScene({ tier: { events: { stream: 'changes', maxLength: 500 } } })
  const tier = await scene.steps()
  await tier.set('product:1', 'one')
  await tier.session.invalidate(keys('expire', 'product:1'))
  await tier.session.invalidate({ kind: 'tags', tags: ['b', 'a'], match: 'any', mode: 'delete' })
  await tier.session.invalidate({ kind: 'tags', tags: ['b', 'a'], match: 'all', mode: 'delete' })
  await tier.session.invalidate({ kind: 'collection', collection: 'product' })
  await tier.session.invalidate({ kind: 'pattern', collection: 'product', pattern: 'x*' })
  await tier.session.invalidate({ kind: 'clear' })
  const { epoch, sequence } = await tier.follow()
  const entries = (await scene.server.call('XRANGE', 'changes', '-', '+')) as [string, string[]][]
  const fields = entries.map(([, [, shard, , of, , at, , kind, , what]]) => {
    expect([shard, of]).toEqual(['0', epoch])
    return [sequence - Number(at), kind, what]
  })
  expect(fields).toEqual([
    [7, 'floor', '["f"]'],
    [6, 'keys', '["k","d",["product:1"]]'],
    [5, 'keys', '["k","e",["product:1"]]'],
    [4, 'tag', '["t","d","a"]'],
    [4, 'tag', '["t","d","b"]'],
    [3, 'all-tags', '["a",["a","b"]]'],
    [2, 'collection', '["o","product"]'],
    [1, 'pattern', '["p","product","x*",1]'],
    [0, 'floor', '["f"]'],
  ])
})

test('the stream keeps about as many entries as it was told', async () => {
  await using scene = await redisScene({ tier: { events: { stream: 'changes', maxLength: 100 } } })
  const tier = await scene.steps()
  for (let round = 0; round < 500; round += 1) await tier.set('a', 'one')
  const length = Number(await scene.server.call('XLEN', 'changes'))
  expect(length).toBeGreaterThanOrEqual(100)
  expect(length).toBeLessThan(300)
})

test('there is no stream unless it was asked for', async () => {
  await using scene = await redisScene()
  const tier = await scene.steps()
  await tier.set('a', 'one')
  expect(await scene.server.call('EXISTS', '{suite/0.0}:-')).toBe(0)
})
