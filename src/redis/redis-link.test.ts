import { expect, test } from 'vitest'
import { redisScene } from '../../test/contract/redis-scene.ts'
import { type Driver, drivers } from '../../test/servers/redis-drivers.ts'
import { SystemClock } from '../memory/system-clock.ts'
import { SystemRandom } from '../memory/system-random.ts'
import type { Sender } from '../shard/index.ts'
import { keyOf, sharedValue } from '../testing/shared-steps.ts'
import { connectRedis } from './connection/connect-redis.ts'
import { RedisLink } from './redis-link.ts'

/** A link without the half that numbers its steps, beside a session that looks on. */
async function setup() {
  const scene = await redisScene()
  const tier = await scene.steps()
  const context = {
    clock: new SystemClock(),
    random: new SystemRandom(),
    report: () => {},
    name: 'suite',
    instance: 'link',
  }
  const user = (drivers[0] as Driver).single(scene.server.port)
  const link = new RedisLink({
    connection: connectRedis(user.client, context),
    context,
    options: { shards: 1, maxBytes: undefined, durability: undefined, events: undefined },
  })
  await link.ready
  const { epoch } = await tier.follow()
  const sender = (operation: number, of = epoch): Sender => ({ session: 's', operation, epoch: of })
  return {
    tier,
    link,
    sender,
    async [Symbol.asyncDispose]() {
      await link.close()
      user.end()
      await scene[Symbol.asyncDispose]()
    },
  }
}

test('what needs the epoch of its sender is not carried out under another one', async () => {
  await using scene = await setup()
  const { tier, link, sender } = scene
  const late = { late: 'epoch', moment: { shard: 0, epoch: sender(1).epoch } }
  for (const epoch of ['', 'another']) {
    const old = sender(1, epoch)
    expect(await link.set(0, old, [sharedValue('a', 'one')])).toMatchObject(late)
    const begin = { ...keyOf('a'), token: 't', deadlineMs: 60_000, tags: [] }
    expect(await link.beginIntent(0, old, [begin])).toMatchObject(late)
    const batch = [{ op: 'set', value: sharedValue('a', 'one') }] as const
    expect(await link.atomic(0, old, batch)).toMatchObject(late)
  }
  expect((await tier.claim('a', 'asker')).kind).toBe('granted')
  // Its number was not used up by it.
  const set = await link.set(0, sender(1), [sharedValue('a', 'one')])
  expect(set).toMatchObject({ late: undefined, answers: [{ kind: 'stored' }] })
})

test('a value that comes after its time is not stored, and its number is free', async () => {
  await using scene = await setup()
  const { tier, link, sender } = scene
  const { serverNow } = await tier.follow()
  const value = [sharedValue('a', 'late')]
  const late = await link.set(0, { ...sender(1), until: serverNow - 1 }, value)
  expect(late).toMatchObject({ late: 'overdue', moment: { epoch: sender(1).epoch } })
  expect(await tier.text('a')).toBeUndefined()
  const inTime = await link.set(0, { ...sender(1), until: serverNow + 60_000 }, value)
  expect(inTime).toMatchObject({ late: undefined, answers: [{ kind: 'stored' }] })
})

test('removals need no epoch', async () => {
  await using scene = await setup()
  const { tier, link, sender } = scene
  await tier.set('a', 'one')
  const removal = { kind: 'keys', keys: [keyOf('a')], mode: 'delete' } as const
  const removed = await link.invalidate(0, sender(1, 'another'), removal)
  expect(removed).toMatchObject({ late: undefined, found: [true] })
  const end = { ...keyOf('a'), token: 't', tags: [], begun: undefined }
  expect(await link.endIntent(0, sender(2, 'another'), [end])).toMatchObject({ late: undefined })
})

test('no mutation is carried out after a later one of its session', async () => {
  await using scene = await setup()
  const { tier, link, sender } = scene
  await link.set(0, sender(7), [sharedValue('a', 'one')])
  const { sequence } = await tier.follow()
  const late = { late: 'overtaken', moment: { sequence } }
  const end = { ...keyOf('a'), token: 't', tags: ['red'], begun: undefined }
  const touch = { ...keyOf('a'), epoch: '', stamp: 0, ttlMs: 1, graceMs: 0 }
  for (const operation of [6, 7]) {
    const old = sender(operation)
    expect(await link.set(0, old, [sharedValue('a', 'two')])).toMatchObject(late)
    expect(await link.touch(0, old, [touch])).toMatchObject(late)
    expect(await link.endIntent(0, old, [end])).toMatchObject(late)
    expect(await link.invalidate(0, old, { kind: 'clear' })).toMatchObject(late)
    const pattern = { kind: 'pattern', collection: '', pattern: '*' } as const
    expect(await link.invalidate(0, old, pattern)).toMatchObject(late)
  }
  expect(await tier.text('a')).toBe('one')
  expect(await link.set(0, { ...sender(1), session: 'other' }, [])).toMatchObject({
    late: undefined,
  })
})

test('steps that are given nothing change nothing', async () => {
  await using scene = await setup()
  const { tier, link, sender } = scene
  const { sequence } = await tier.follow()
  expect(await link.read([], [])).toEqual([])
  expect(await link.claim(0, [], 10)).toEqual([])
  expect(await link.fill(0, [])).toEqual([])
  await link.release(0, [])
  expect(await link.set(0, sender(1), [])).toMatchObject({ answers: [] })
  expect(await link.beginIntent(0, sender(2), [])).toMatchObject({ answers: [] })
  expect(await link.endIntent(0, sender(3), [])).toMatchObject({ answers: [] })
  const nothing = { kind: 'keys', keys: [], mode: 'delete' } as const
  expect(await link.invalidate(0, sender(4), nothing)).toMatchObject({ found: [] })
  const noTags = { kind: 'tags', tags: [], match: 'all', mode: 'delete' } as const
  expect(await link.invalidate(0, sender(5), noTags)).toMatchObject({ found: [] })
  expect((await tier.follow()).sequence).toBe(sequence)
})
