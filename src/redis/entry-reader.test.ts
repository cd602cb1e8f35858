import { describe, expect, test } from 'vitest'
import { redisScene } from '../../test/contract/redis-scene.ts'
import { keyOf } from '../testing/shared-steps.ts'
import { KeyNames } from './key-names.ts'

const names = new KeyNames({ name: 'suite', shards: 1, stream: undefined, cluster: false })

const foreign = {
  'text of another program': ['SET', names.entry(0, 'product:1'), '{"json":true}'],
  'an empty text': ['SET', names.entry(0, 'product:1'), ''],
  'the head of an entry and no more': ['SET', names.entry(0, 'product:1'), '\u00f7e\u0001\u0001'],
  'a list': ['RPUSH', names.entry(0, 'product:1'), 'one'],
} as const

describe('an entry that is none of ours', () => {
  test.each(Object.entries(foreign))('is no entry, and is told: %s', async (_, command) => {
    await using scene = await redisScene()
    const tier = await scene.steps()
    await tier.set('product:2', 'two')
    await scene.server.call(...command)
    const [one, two] = await tier.session.read([keyOf('product:1'), keyOf('product:2')])
    expect(one).toMatchObject({ entry: undefined })
    expect(two).toMatchObject({ entry: expect.anything() })
    // A key of another type is not even seen by MGET.
    const told = command[0] === 'RPUSH' ? [] : [{ type: 'undecodable', reason: 'corrupt' }]
    expect(scene.events).toMatchObject(told)
  })

  test.each(['text', ''])(
    'is loaded again, and taken over by what was loaded: %j',
    async (text) => {
      await using scene = await redisScene()
      const tier = await scene.steps()
      await scene.server.call('SET', names.entry(0, 'a'), text)
      const lease = await tier.begin('a', 'loader')
      expect((await tier.fill('a', 'loaded', lease)).kind).toBe('stored')
      expect(await tier.text('a')).toBe('loaded')
      await scene.server.call('SET', names.entry(0, 'a'), text)
      expect(await tier.delete('a')).toBe(false)
      expect(await scene.server.call('EXISTS', names.entry(0, 'a'))).toBe(0)
    },
  )

  test('and no type of ours is refused in words by the steps that meet it', async () => {
    await using scene = await redisScene()
    const tier = await scene.steps()
    await scene.server.call('RPUSH', names.entry(0, 'a'), 'one')
    await expect(tier.claim('a', 'loader')).rejects.toThrow('another program')
  })

  test('of a later layout is a miss for that reason', async () => {
    await using scene = await redisScene()
    const tier = await scene.steps()
    const bytes = "return redis.call('SET', KEYS[1], '\\247e\\2\\1 and more')"
    await scene.server.call('EVAL', bytes, 1, names.entry(0, 'product:1'))
    const read = await tier.session.read([keyOf('product:1')])
    expect(read).toMatchObject([{ entry: undefined }])
    expect(scene.events).toEqual([
      { type: 'undecodable', pattern: 'product:*', reason: 'version', error: undefined },
    ])
  })
})

describe('an entry of a life', () => {
  test('leaves Redis with the end of its grace, and without an end it stays', async () => {
    await using scene = await redisScene()
    const tier = await scene.steps()
    await tier.set('a', 'one', { ttlMs: 5_000, graceMs: 1_000 })
    await tier.set('b', 'one', { ttlMs: Number.POSITIVE_INFINITY })
    const life = async (id: string) => Number(await scene.server.call('PTTL', names.entry(0, id)))
    expect(await life('a')).toBeGreaterThan(5_500)
    expect(await life('a')).toBeLessThanOrEqual(6_000)
    expect(await life('b')).toBe(-1)
    const entry = await tier.entry('b')
    expect(entry?.freshUntil).toBe(Number.POSITIVE_INFINITY)
    await tier.touch('a', (await tier.entry('a')) ?? { epoch: '', stamp: 0 }, {
      ttlMs: Number.POSITIVE_INFINITY,
      graceMs: 0,
    })
    expect(await life('a')).toBe(-1)
    await tier.set('a', 'gone at once', { ttlMs: 0, graceMs: 0 })
    expect(await scene.server.call('EXISTS', names.entry(0, 'a'))).toBe(0)
  })

  test('with a fraction of a millisecond is stored', async () => {
    await using scene = await redisScene()
    const tier = await scene.steps()
    await tier.set('a', 'one', { ttlMs: 50_000.25, graceMs: 0.5 })
    const lease = await tier.session.claim([{ ...keyOf('b'), token: 't' }], { leaseMs: 99.5 })
    expect(lease).toMatchObject([{ kind: 'granted' }])
    expect(await tier.text('a')).toBe('one')
  })
})
