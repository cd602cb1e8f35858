import { describe, expect, test } from 'vitest'
import { redisScene } from '../../test/contract/redis-scene.ts'
import { until } from '../../test/servers/until.ts'
import type { FollowAnswer } from '../contracts/shared-tier.ts'
import { KeyNames } from './key-names.ts'

const names = new KeyNames({ name: 'suite', shards: 1, stream: undefined, cluster: false })
const { control, numbers } = names.of(0)

async function setup() {
  const scene = await redisScene()
  const tier = await scene.steps()
  const changes = async (): Promise<FollowAnswer['changes']> => {
    const all: FollowAnswer['changes'][number][] = []
    let cursor = 0
    let epoch: string | undefined
    for (;;) {
      const page = await tier.session.follow({ shard: 0, epoch, cursor, beat: false })
      all.push(...page.changes)
      epoch = page.epoch
      cursor = page.upTo
      if (page.upTo >= page.sequence) return all
    }
  }
  return { ...scene, tier, changes }
}

describe('what a shard remembers is bounded', () => {
  test('of sets of tags the oldest becomes its first tag', async () => {
    await using scene = await setup()
    const { tier, changes } = scene
    await tier.set('a', 'one', { tags: ['first 0'] })
    await tier.set('b', 'one', { tags: ['first 1'] })
    for (let at = 0; at <= 1_000; at += 1) {
      const what = { kind: 'tags', match: 'all', mode: 'delete' } as const
      await tier.session.invalidate({ ...what, tags: [`first ${at}`, `second ${at}`] })
    }
    const all = await changes()
    expect(all.filter(({ kind }) => kind === 'all-tags')).toHaveLength(1_000)
    expect(all.filter(({ kind }) => kind === 'tag')).toMatchObject([{ tag: 'first 0' }])
    expect((await tier.claim('a', 'asker')).kind).toBe('granted')
    expect((await tier.claim('b', 'asker')).kind).toBe('fresh')
    expect(await scene.server.call('HEXISTS', control, 'a:first 0')).toBe(0)
  })

  test('of sets of tags one that is removed again takes no more room', async () => {
    await using scene = await setup()
    const { tier, changes } = scene
    const remove = async (...tags: string[]): Promise<void> => {
      await tier.session.invalidate({ kind: 'tags', match: 'all', mode: 'delete', tags })
    }
    const room = () => scene.server.call('HSTRLEN', control, 'a:first')
    for (const second of ['one', 'two', 'three']) await remove('first', second)
    const before = await room()
    expect(before).toBeGreaterThan(0)
    for (const second of ['two', 'two', 'one', 'three']) await remove(second, 'first')
    expect(await room()).toBe(before)
    expect((await changes()).filter(({ kind }) => kind === 'all-tags')).toHaveLength(3)
  })

  test('of sets of tags the oldest leaves alone what begins with the same tag', async () => {
    await using scene = await setup()
    const { tier } = scene
    const remove = async (...tags: string[]): Promise<void> => {
      await tier.session.invalidate({ kind: 'tags', match: 'all', mode: 'delete', tags })
    }
    await remove('first', 'second')
    await tier.set('a', 'one', { tags: ['first', 'third'] })
    await tier.set('b', 'one', { tags: ['first'] })
    await remove('first', 'third')
    for (let at = 0; at < 999; at += 1) await remove(`other ${at}`, 'second')
    expect(await scene.server.call('ZSCORE', numbers, 't:first')).not.toBeNull()
    expect((await tier.claim('a', 'asker')).kind).toBe('granted')
    expect((await tier.claim('b', 'asker')).kind).toBe('fresh')
  })

  test('of patterns the oldest becomes a floor', async () => {
    await using scene = await setup()
    const { tier, changes } = scene
    await tier.set('a', 'one')
    const pattern = async (at: number): Promise<number> => {
      const what = { kind: 'pattern', collection: 'product', pattern: `${at}*` } as const
      return (await tier.session.invalidate(what)).moments[0]?.sequence ?? 0
    }
    const first = await pattern(0)
    for (let at = 1; at < 100; at += 1) await pattern(at)
    expect((await tier.follow()).floor).toBeLessThan(first)
    await pattern(100)
    expect((await tier.follow()).floor).toBe(first)
    expect((await changes()).filter(({ kind }) => kind === 'pattern')).toHaveLength(100)
    expect((await tier.claim('a', 'asker')).kind).toBe('granted')
  })

  test('of tags the oldest become a floor under what has tags', async () => {
    await using scene = await setup()
    const { tier, changes } = scene
    await tier.set('tagged', 'one', { tags: ['mine'] })
    await tier.set('plain', 'one')
    for (let at = 0; at <= 10_000; at += 500) {
      const tags = Array.from({ length: 500 }, (_, i) => `tag ${at + i}`)
      await tier.session.invalidate({ kind: 'tags', tags, match: 'any', mode: 'delete' })
    }
    const kept = (await changes()).filter(({ kind }) => kind === 'tag')
    expect(kept.length).toBeLessThanOrEqual(10_000)
    expect(kept.length).toBeGreaterThan(9_000)
    expect((await tier.claim('tagged', 'asker')).kind).toBe('granted')
    expect((await tier.claim('plain', 'asker')).kind).toBe('fresh')
    expect(Number(await scene.server.call('HGET', control, 'k'))).toBe(kept.length)
  })

  test('senders and instances are forgotten when they are silent', async () => {
    await using scene = await setup()
    const { tier, server } = scene
    await tier.set('a', 'one')
    const beat = { shard: 0, epoch: undefined, cursor: 0, beat: true }
    await tier.session.follow(beat)
    // Evicted, it would make a change look confirmed by all; an earlier release has left an end.
    await server.call('PEXPIRE', names.instances(0), 60_000)
    await tier.session.follow(beat)
    expect(await server.call('PTTL', names.instances(0))).toBe(-1)
    const seconds = Math.floor(Date.now() / 1_000)
    await server.call('HSET', control, 'o:old', `5 ${seconds - 601}`, 'o:new', `5 ${seconds - 590}`)
    await server.call('HSET', control, 's', seconds - 61)
    await server.call('HSET', names.instances(0), 'gone', `${Date.now() - 11_000} 1 e gone`)
    await tier.session.follow(beat)
    expect(await server.call('HEXISTS', control, 'o:old')).toBe(0)
    expect(await server.call('HEXISTS', control, 'o:new')).toBe(1)
    expect(await server.call('HKEYS', names.instances(0))).toHaveLength(1)
  })

  test('a follow is told in pages, which cut no number in two', async () => {
    await using scene = await setup()
    const { tier, server } = scene
    const { sequence, epoch } = await tier.follow()
    const at = (offset: number, member: string) => [sequence + offset, member]
    const buckets = (from: number, count: number, offset: number) =>
      Array.from({ length: count }, (_, i) => at(offset, `b:${from + i}`)).flat()
    await server.call('ZADD', numbers, ...buckets(0, 998, 1), ...buckets(998, 5, 2))
    await server.call('ZADD', numbers, ...buckets(1_100, 1_500, 3), ...buckets(3_000, 2, 4))
    await server.call('HSET', control, 'n', sequence + 9)
    const sizes: number[][] = []
    let cursor = sequence
    do {
      const page = await tier.session.follow({ shard: 0, epoch, cursor, beat: false })
      sizes.push([page.changes.length, page.upTo - sequence])
      cursor = page.upTo
    } while (cursor < sequence + 9)
    expect(sizes).toEqual([
      [998, 1],
      [5, 2],
      [1_500, 3],
      [2, 9],
    ])
  })
})

test('who waited for a lease that ran out is told when another takes its place', async () => {
  await using scene = await setup()
  const { tier, subject } = scene
  const heard: unknown[] = []
  tier.session.listen((signal) => {
    if (signal.kind === 'released') heard.push(signal)
  })
  const key = { id: 'a', collection: '' }
  await tier.session.claim([{ ...key, token: 'dead' }], { leaseMs: 500 })
  expect((await tier.claim('a', 'waiter')).kind).toBe('wait')
  const isGranted = async () => (await tier.claim('a', 'next')).kind === 'granted'
  await until('the lease has run out', isGranted)
  await subject.heard()
  expect(heard).toEqual([{ kind: 'released', ids: ['a'] }])
})
