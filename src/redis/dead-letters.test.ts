import { describe, expect, test } from 'vitest'
import { redisScene } from '../../test/contract/redis-scene.ts'
import { inQueue, QUEUE, QueueSteps } from '../testing/shared-queue-steps.ts'
import { KeyNames } from './key-names.ts'

const names = new KeyNames({ name: 'suite', shards: 1, stream: undefined, cluster: false })

const FILL = `
  for at = 1, 5000 do
    redis.call('HSET', KEYS[1], 'old:' .. at, struct.pack('<dI', 1000, 0))
    redis.call('HSET', KEYS[1], 'new:' .. at, struct.pack('<dI', 2000, 0))
  end`

/** A queue with as many dead letters as are kept, half of them older than the others. */
async function setup() {
  const scene = await redisScene()
  const tier = await scene.steps()
  const queue = new QueueSteps(tier)
  const { dead } = names.queue(0, QUEUE)
  const bury = async (id: string) => {
    await queue.put(id, id)
    const [record] = await queue.taken()
    if (record === undefined) throw new Error('Nothing was due.')
    await queue.settle(record, { kind: 'dead', error: `of ${id}` })
  }
  const left = async () => {
    const ids = (await scene.server.call('HKEYS', dead)) as readonly string[]
    const of = (start: string) => ids.filter((id) => id.startsWith(start)).length
    return { old: of('old:'), new: of('new:'), own: of(inQueue('')) }
  }
  await scene.server.call('EVAL', FILL, 1, dead)
  return { ...scene, queue, bury, left }
}

describe('with as many dead letters as are kept', () => {
  test('more of them take the places of older ones', async () => {
    await using scene = await setup()
    for (let at = 0; at < 10; at += 1) await scene.bury(`a${at}`)
    expect(await scene.left()).toEqual({ old: 4_990, new: 5_000, own: 10 })
  })

  test('one of a key that has its letter takes the place of that one', async () => {
    await using scene = await setup()
    // A write of its key drops a letter, unless it waited already when the letter came.
    await scene.queue.put('b', 'v1', { keep: 'every' })
    await scene.queue.put('b', 'v2', { keep: 'every' })
    for (const error of ['first', 'second']) {
      const [record] = await scene.queue.taken()
      if (record === undefined) throw new Error('Nothing was due.')
      await scene.queue.settle(record, { kind: 'dead', error })
    }
    expect(await scene.left()).toEqual({ old: 4_999, new: 5_000, own: 1 })
    const { letters } = await scene.queue.steps.dead(scene.queue.place, {
      id: inQueue('b'),
      limit: 1,
    })
    expect(letters[0]?.error).toBe('second')
  })
})
