import { expect, test } from 'vitest'
import { redisScene } from '../../test/contract/redis-scene.ts'

test('scripts that the server has forgotten are sent again, whole', async () => {
  await using scene = await redisScene()
  const tier = await scene.steps()
  await tier.set('a', 'one')
  await tier.set('a', 'two')
  await scene.server.call('SCRIPT', 'FLUSH')
  expect((await tier.set('a', 'three')).kind).toBe('stored')
  expect(await tier.text('a')).toBe('three')
})

test('a script is sent whole once, and by its digest from then on', async () => {
  await using scene = await redisScene()
  const tier = await scene.steps()
  await tier.set('a', 'one')
  await scene.server.call('CONFIG', 'RESETSTAT')
  for (let round = 0; round < 10; round += 1) await tier.set('a', 'two')
  const stats = await scene.server.info('commandstats')
  expect(stats['cmdstat_eval']).toBeUndefined()
  expect(stats['cmdstat_evalsha']).toContain('calls=10,')
})

test('mutations of one turn keep their order on a server that knows none of their scripts', async () => {
  await using scene = await redisScene()
  const tier = await scene.steps()
  await tier.follow()
  const answers = await Promise.allSettled([
    tier.set('a', 'one'),
    tier.delete('a'),
    tier.set('a', 'two'),
    tier.delete('b'),
    tier.expire('a'),
  ])
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 'fulfilled'))
  expect(await tier.text('a')).toBe(undefined)
})

test('one script that the server has forgotten tells of the others', async () => {
  await using scene = await redisScene()
  const tier = await scene.steps()
  await tier.set('a', 'one')
  await tier.delete('a')
  await scene.server.call('SCRIPT', 'FLUSH')
  await scene.server.call('CONFIG', 'RESETSTAT')
  expect((await tier.set('a', 'two')).kind).toBe('stored')
  await tier.delete('a')
  const stats = await scene.server.info('commandstats')
  // The deletion is sent whole: by its digest it would come after steps that were sent later.
  expect(stats['cmdstat_evalsha']).toContain('calls=1,')
  expect(stats['cmdstat_evalsha']).toContain('failed_calls=1')
})
