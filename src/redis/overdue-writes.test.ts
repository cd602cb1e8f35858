import { describe, expect, test } from 'vitest'
import { redisScene } from '../../test/contract/redis-scene.ts'
import { until } from '../../test/servers/until.ts'
import type { SharedSignal } from '../contracts/shared-tier.ts'
import { KeyNames } from './key-names.ts'

const names = new KeyNames({ name: 'suite', shards: 1, stream: undefined, cluster: false })

/** Two writes of processes that have died, with a tag each. */
async function setup() {
  const scene = await redisScene()
  const tier = await scene.steps()
  const heard: SharedSignal[] = []
  tier.session.listen((signal) => heard.push(signal))
  for (const tag of ['red', 'blue']) await tier.set(`of ${tag}`, 'old', { tags: [tag] })
  const dead = { collection: '', token: 'dead', deadlineMs: 1 }
  await tier.session.beginIntent([{ ...dead, id: 'a', tags: ['red'] }])
  await tier.session.beginIntent([{ ...dead, id: 'b', tags: ['blue'], deadlineMs: 60_000 }])
  const isOver = async () => (await tier.claim('none', 'asker')).serverNow > begunAt + 5
  const begunAt = (await tier.follow()).serverNow
  return { ...scene, tier, heard, isOver, begunAt }
}

describe('a write whose writer died', () => {
  test('is ended by whoever follows, with its tags, and told', async () => {
    await using scene = await setup()
    const { tier, heard, isOver } = scene
    await until('the deadline has passed', isOver)
    const before = (await tier.follow()).sequence
    const follow = await tier.follow()
    expect(follow.changes).toContainEqual(expect.objectContaining({ kind: 'tag', tag: 'red' }))
    expect(follow.changes).not.toContainEqual(expect.objectContaining({ tag: 'blue' }))
    expect(follow.sequence).toBe(before)
    await scene.subject.heard()
    expect(heard).toContainEqual(
      expect.objectContaining({
        kind: 'changes',
        changes: expect.arrayContaining([
          { kind: 'tag', tag: 'red', mode: 'delete' },
          { kind: 'keys', ids: ['a'], mode: 'delete' },
        ]),
      }),
    )
    expect(await scene.server.call('EXISTS', names.entry(0, 'a'))).toBe(0)
    expect(await scene.server.call('ZRANGE', names.of(0).due, 0, -1)).toEqual(['b'])
  })

  test('is ended by the set that meets it, and the value is stored', async () => {
    await using scene = await setup()
    const { tier, isOver } = scene
    await until('the deadline has passed', isOver)
    expect((await tier.set('a', 'new')).kind).toBe('stored')
    expect(await tier.text('a')).toBe('new')
    expect((await tier.claim('of red', 'asker')).kind).toBe('granted')
    expect((await tier.claim('of blue', 'asker')).kind).toBe('fresh')
  })

  test('leaves no value if it ends after its deadline', async () => {
    await using scene = await redisScene()
    const tier = await scene.steps()
    const key = { id: 'a', collection: '', token: 'late' }
    const [begun] = await tier.session.beginIntent([{ ...key, deadlineMs: 1, tags: [] }])
    if (begun === undefined || !('epoch' in begun)) throw new Error('The write did not begin.')
    const isOver = async () => (await tier.claim('none', 'asker')).serverNow > begun.serverNow + 5
    await until('the deadline has passed', isOver)
    const value = { envelope: new Uint8Array(1), ttlMs: 60_000, graceMs: 0, valueTags: [] }
    const end = {
      ...key,
      tags: [],
      begun: { epoch: begun.epoch, number: begun.sequence },
      value,
    }
    await expect(tier.session.endIntent([end])).resolves.toMatchObject([{ kind: 'removed' }])
    expect(await tier.entry('a')).toBeUndefined()
  })
})
