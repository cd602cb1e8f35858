/**
 * The cases of `sharedTierSuite` about what the source answers for writes that wait: tried again, refused,
 * put aside as dead letters, raised above what it has.
 */

import assert from 'node:assert/strict'
import type { WaitingWrite } from '../contracts/pending-steps.ts'
import { queueCase } from './queue-case.ts'
import type { SharedCase } from './shared-case.ts'
import { inQueue, textsOf } from './shared-queue-steps.ts'

const A = inQueue('a')

export const sharedSettleCases: readonly SharedCase[] = [
  queueCase(
    'one that failed is tried again in its time, and counts how often',
    async (queue, _, subject) => {
      await queue.put('a', 'new')
      const [record] = await queue.taken()
      assert.ok(record !== undefined)
      assert.equal(record.attempts, 0)
      assert.equal(await queue.settle(record, { kind: 'retry', delayMs: 500 }), 'waits')
      assert.deepEqual(await queue.taken(), [])
      await subject.advance(500)
      assert.equal((await queue.taken())[0]?.attempts, 1)
    },
    ['settable-clock'],
  ),
  queueCase('one that the source refused leaves nothing', async (queue, tier) => {
    await queue.put('a', 'new')
    const [record] = await queue.taken()
    assert.ok(record !== undefined)
    const before = await tier.moment()
    assert.equal(await queue.settle(record, { kind: 'discarded' }), 'removed')
    assert.equal(await tier.entry(A), undefined)
    assert.equal((await tier.follow(before)).changes.length, 1)
  }),
  queueCase('a dead letter can be looked at, queued again, and dropped', async (queue, tier) => {
    for (const id of ['a', 'b']) await queue.put(id, id, { kind: 'create', removes: ['lists'] })
    for (const record of await queue.taken()) {
      assert.equal(await queue.settle(record, { kind: 'dead', error: 'no such column' }), 'removed')
    }
    assert.equal(await tier.entry(A), undefined)
    const { letters } = await queue.steps.dead(queue.place, { limit: 1 })
    assert.equal(letters[0]?.error, 'no such column')
    assert.equal(letters[0]?.kind, 'create')
    assert.deepEqual(await queue.dead(), [A, inQueue('b')])
    assert.equal((await queue.take()).dead, 2)
    assert.equal(await queue.steps.revive(queue.place, [A]), 1)
    assert.equal(await tier.text(A), 'a')
    assert.deepEqual(textsOf(await queue.taken()), ['a'])
    assert.equal(await queue.steps.drop(queue.place, [inQueue('b'), 'none']), 1)
    assert.deepEqual(await queue.dead(), [])
  }),
  queueCase('all that waits can be looked at, whole or one key of it', async (queue) => {
    const ids = Array.from({ length: 300 }, (_, at) => `k${at}`)
    const both = ['red', 'blue']
    for (const id of ids) await queue.enqueue(id, id, { tags: both, ttlMs: 7_000, graceMs: 5 })
    await queue.enqueue('k1', 'k1 again', { keep: 'every', ttlMs: Number.POSITIVE_INFINITY })
    const [taken] = await queue.taken({ limit: 1 })
    const found: WaitingWrite[] = []
    let cursor: string | undefined
    do {
      const page = await queue.steps.list(queue.place, { cursor, limit: 50 })
      found.push(...page.writes)
      cursor = page.cursor
    } while (cursor !== undefined)
    assert.deepEqual([...new Set(found.map(({ id }) => id))].sort(), ids.map(inQueue).sort())
    assert.equal(new Set(found.map(({ id, version }) => `${id} ${version}`)).size, 301)
    assert.deepEqual(
      new Set(found.flatMap((one) => (one.taken ? one.id : []))),
      new Set([taken?.id]),
    )
    const { records, bytes, oldestMs } = await queue.steps.backlog(queue.place)
    assert.equal(records, 301)
    assert.ok(bytes >= 301 * 2 && oldestMs >= 0)
    const two = await queue.steps.list(queue.place, { id: inQueue('k1'), limit: 10 })
    assert.equal(two.cursor, undefined)
    assert.deepEqual(textsOf(two.writes), ['k1', 'k1 again'])
    const [first, second] = two.writes
    assert.deepEqual([first?.ttlMs, first?.graceMs, first?.tags], [7_000, 5, both])
    assert.equal(second?.ttlMs, Number.POSITIVE_INFINITY)
    const none = await queue.steps.list(queue.place, { id: inQueue('none'), limit: 10 })
    assert.deepEqual(none.writes, [])
  }),
  queueCase('a dead letter can be looked at by its key', async (queue) => {
    for (const id of ['a', 'b']) await queue.put(id, id)
    for (const record of await queue.taken()) {
      await queue.settle(record, { kind: 'dead', error: `not ${record.id}` })
    }
    const { letters } = await queue.steps.dead(queue.place, { id: inQueue('b'), limit: 10 })
    assert.deepEqual(
      letters.map(({ id, error }) => [id, error]),
      [[inQueue('b'), `not ${inQueue('b')}`]],
    )
    assert.equal((await queue.steps.backlog(queue.place)).dead, 2)
    const none = await queue.steps.dead(queue.place, { id: inQueue('none'), limit: 10 })
    assert.deepEqual(none.letters, [])
  }),
  queueCase('a later write of its key takes the place of a dead letter', async (queue) => {
    await queue.put('a', 'bad')
    const [record] = await queue.taken()
    assert.ok(record !== undefined)
    await queue.settle(record, { kind: 'dead', error: 'no' })
    await queue.put('a', 'good')
    assert.deepEqual(await queue.dead(), [])
    assert.equal(await queue.steps.revive(queue.place, [A]), 0)
  }),
  queueCase('one whose version nobody can compare goes on above it', async (queue, tier) => {
    const { sequence } = await queue.put('a', 'new')
    const [record] = await queue.taken()
    assert.ok(record !== undefined)
    const above = sequence + 1_000_000
    assert.equal(await queue.settle(record, { kind: 'raise', above }), 'waits')
    const [again] = await queue.taken()
    assert.ok(again !== undefined && again.version > above)
    assert.equal(await tier.text(A), 'new')
    assert.equal(await queue.settle(record, { kind: 'applied' }), 'newer')
    assert.equal(await queue.settle(again, { kind: 'applied' }), 'clean')
  }),
  queueCase(
    'one that came to the source although its record is gone ends what is known',
    async (queue, tier) => {
      const { epoch, sequence } = await queue.put('a', 'new')
      const [record] = await queue.taken()
      assert.ok(record !== undefined)
      await queue.settle(record, { kind: 'discarded' })
      await tier.set(A, 'loaded before it came')
      const late = { id: A, epoch, version: sequence }
      assert.equal(await queue.settle(late, { kind: 'applied' }), 'gone')
      assert.equal(await tier.entry(A), undefined)
    },
  ),
]
