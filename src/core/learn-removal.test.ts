import { expect, test } from 'vitest'
import { createCoherence } from '../coherence/index.ts'
import type { Coherence, Stamped } from '../contracts/coherence.ts'
import type { Invalidation, ShardMoment, SharedKey } from '../contracts/shared-tier.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { learnRemoval } from './learn-removal.ts'

const KEY: SharedKey = { id: 'thing:s3:red', collection: 'thing' }

/** What is known of a shard, and a value from just before the removal at `moment`. */
async function setup() {
  const clock = new FakeClock()
  const random = new SeededRandom(1)
  const context = { name: 'shop', instance: 'one', clock, random, report: () => {} }
  const session = memoryTier().open(context)
  const swept: number[] = []
  const nothing = (): void => {}
  const coherence: Coherence = createCoherence({
    session: Object.assign(session, {
      sweepPattern: async (_: number, number: number) => {
        swept.push(number)
        return true
      },
    }),
    clock,
    random,
    maxBlindnessMs: 5_000,
    mode: { kind: 'push' },
    listener: {
      changed: nothing,
      doubt: nothing,
      trustUntil: nothing,
      invalidated: () => undefined,
      renewed: nothing,
      released: nothing,
      unlocked: nothing,
    },
  })
  await coherence.beginning
  const { shard, epoch, cursor } = coherence.position(KEY)
  const moment: ShardMoment = { shard, epoch, sequence: cursor + 10, serverNow: clock.now() }
  const before: Stamped = { epoch, stamp: cursor + 9 }
  const after: Stamped = { epoch, stamp: cursor + 10 }
  const judge = (value: Stamped, tags: readonly string[] = ['red', 'warm']): string =>
    coherence.judgeEntry(KEY, value, tags)
  return { clock, coherence, moment, before, after, judge, swept }
}

test.each<[string, Invalidation, 'gone' | 'expired']>([
  ['a tag', { kind: 'tags', tags: ['red'], match: 'any', mode: 'delete' }, 'gone'],
  [
    'a tag that ends freshness',
    { kind: 'tags', tags: ['red'], match: 'any', mode: 'expire' },
    'expired',
  ],
  [
    'all of several tags',
    { kind: 'tags', tags: ['red', 'warm'], match: 'all', mode: 'delete' },
    'gone',
  ],
  ['all of one tag', { kind: 'tags', tags: ['warm'], match: 'all', mode: 'delete' }, 'gone'],
  ['a pattern', { kind: 'pattern', collection: 'thing', pattern: 'r*' }, 'gone'],
  ['a collection', { kind: 'collection', collection: 'thing' }, 'gone'],
  ['everything', { kind: 'clear' }, 'gone'],
])('an own removal of %s is judged by before its hint comes', async (_, what, verdict) => {
  const { coherence, moment, before, after, judge } = await setup()
  expect(judge(before)).toBe('stands')
  learnRemoval(coherence, what, [moment])
  expect([judge(before), judge(after)]).toEqual([verdict, 'stands'])
})

test('an own removal of all of several tags spares what carries some', async () => {
  const { coherence, moment, before, judge } = await setup()
  learnRemoval(coherence, { kind: 'tags', tags: ['red', 'warm'], match: 'all', mode: 'delete' }, [
    moment,
  ])
  expect(judge(before, ['red', 'cold'])).toBe('stands')
})

test('of an own removal of keys there is nothing to learn', async () => {
  const { coherence, moment, before, judge } = await setup()
  learnRemoval(coherence, { kind: 'keys', keys: [KEY], mode: 'delete' }, [moment])
  expect(judge(before)).toBe('stands')
})

test('what an own pattern matches is removed from the tier under its number, and nothing else is', async () => {
  const { coherence, moment, clock, swept } = await setup()
  learnRemoval(coherence, { kind: 'collection', collection: 'thing' }, [moment])
  await clock.settle()
  expect(swept).toEqual([])
  learnRemoval(coherence, { kind: 'pattern', collection: 'thing', pattern: 'r*' }, [moment])
  await clock.settle()
  expect(swept).toEqual([moment.sequence])
})
