import { expect, test } from 'vitest'
import { redisScene } from '../../test/contract/redis-scene.ts'
import { QueueSteps } from '../testing/shared-queue-steps.ts'

test('who asks for what is due where nothing is writes nothing', async () => {
  await using scene = await redisScene()
  const queue = new QueueSteps(await scene.steps())
  await queue.take({ leaseMs: 60_000 })
  const changes = async (): Promise<unknown> =>
    /rdb_changes_since_last_save:(\d+)/.exec(
      String(await scene.server.call('INFO', 'persistence')),
    )?.[1]
  const before = await changes()
  for (let at = 0; at < 5; at += 1) expect(await queue.taken({ leaseMs: 60_000 })).toEqual([])
  expect(await changes()).toBe(before)
  await queue.put('a', 'new')
  expect(await queue.taken({ leaseMs: 60_000 })).toHaveLength(1)
})
