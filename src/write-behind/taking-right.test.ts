import { expect, test } from 'vitest'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { pendingWrite, QUEUE } from '../testing/shared-queue-steps.ts'
import { RightLostError, TakingRight } from './taking-right.ts'

async function setup(storeMs = 5_000) {
  const clock = new FakeClock()
  const context = { name: 'shop', instance: 'one', clock, random: new SeededRandom(1) }
  const session = memoryTier({ shards: 1 }).open({ ...context, report: () => {} })
  await session.pending.enqueue([pendingWrite('a', 'new')])
  const place = { shard: 0, collection: QUEUE }
  const common = { steps: session.pending, place, clock, storeMs }
  const mine = new TakingRight({ ...common, owner: 'me' })
  const theirs = new TakingRight({ ...common, owner: 'they' })
  return { clock, mine, theirs }
}

test('the right to take is prolonged where a call of the store may outlast it', async () => {
  const { clock, mine, theirs } = await setup()
  expect((await mine.take(1, 1)).kind).toBe('taken')
  await clock.advance(8_000)
  await mine.keep()
  await clock.advance(8_000)
  expect((await theirs.take(1, 1)).kind).toBe('held')
})

test('it outlasts a call of the store, however long that may take', async () => {
  const { clock, mine, theirs } = await setup(60_000)
  await mine.take(1, 1)
  await clock.advance(61_000)
  expect((await theirs.take(1, 1)).kind).toBe('held')
})

test('it is not taken back once it has run out, since another may have had it meanwhile', async () => {
  const { clock, mine, theirs } = await setup()
  await mine.take(1, 1)
  await clock.advance(10_001)
  await theirs.take(1, 1)
  await theirs.giveBack()
  await expect(mine.keep()).rejects.toThrow(RightLostError)
  expect((await mine.take(1, 1)).kind).toBe('taken')
  await mine.keep()
})

test('it is given back, so that nobody waits for its end', async () => {
  const { mine, theirs } = await setup()
  await mine.take(1, 1)
  await mine.giveBack()
  expect((await theirs.take(1, 1)).kind).toBe('taken')
})
