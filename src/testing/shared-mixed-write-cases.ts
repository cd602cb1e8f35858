/**
 * The cases of `sharedTierSuite` about writes of one key that are not alike: of several kinds, behind
 * the cache and through it, dead and alive.
 */

import assert from 'node:assert/strict'
import type { PendingRecord } from '../contracts/pending-steps.ts'
import { queueCase } from './queue-case.ts'
import type { SharedCase } from './shared-case.ts'
import { inQueue, type QueueSteps } from './shared-queue-steps.ts'
import { LIFE_MS } from './shared-steps.ts'

const A = inQueue('a')

const decoder = new TextDecoder()
const told = ({ kind, envelope }: PendingRecord): string => `${kind} ${decoder.decode(envelope)}`

/** Takes and applies what waits until nothing is left, and answers what the source was told. */
async function carriedOut(queue: QueueSteps): Promise<readonly string[]> {
  const all: string[] = []
  for (;;) {
    const records = await queue.taken()
    if (records.length === 0) return all
    for (const record of records) {
      all.push(told(record))
      await queue.settle(record, { kind: 'applied' })
    }
  }
}

const kinds: readonly SharedCase[] = [
  queueCase('what is created after a removal that waits is put', async (queue, tier) => {
    await queue.put('a', '', { kind: 'remove' })
    await queue.put('a', 'new', { kind: 'create' })
    assert.equal(await tier.text(A), 'new')
    assert.deepEqual(await carriedOut(queue), ['put new'])
  }),
  queueCase('what is created while a removal is carried out is put', async (queue) => {
    await queue.put('a', '', { kind: 'remove' })
    const [removal] = await queue.taken()
    assert.ok(removal !== undefined)
    await queue.put('a', 'new', { kind: 'create' })
    await queue.settle(removal, { kind: 'retry', delayMs: 0 })
    assert.deepEqual(await carriedOut(queue), ['put new'])
  }),
  queueCase(
    'a creation takes the place of nothing that it would conflict with',
    async (queue, tier) => {
      for (const kind of ['put', 'create'] as const) {
        const { sequence } = await queue.put('a', 'first', { kind })
        await queue.put('a', 'second', { kind: 'create' })
        assert.equal(await tier.text(A), 'second')
        assert.equal((await queue.take({ limit: 0 })).backlog.records, 2)
        assert.equal(await queue.waits(sequence), true)
        const [first] = await queue.taken()
        assert.equal(first && told(first), `${kind} first`)
        assert.ok(first !== undefined)
        await queue.settle(first, { kind: 'applied' })
        assert.equal(await queue.waits(sequence), false)
        assert.deepEqual(await carriedOut(queue), ['create second'])
        assert.deepEqual((await queue.take()).backlog, { records: 0, bytes: 0 })
      }
    },
  ),
  queueCase('what is put on a creation that others precede is put', async (queue, tier) => {
    const { sequence } = await queue.put('a', 'first')
    await queue.put('a', 'second', { kind: 'create' })
    await queue.put('a', 'third')
    assert.equal(await tier.text(A), 'third')
    assert.equal(await queue.waits(sequence), true)
    assert.deepEqual(await carriedOut(queue), ['put first', 'put third'])
    await queue.put('a', 'first')
    await queue.put('a', 'second', { kind: 'create' })
    await queue.put('a', '', { kind: 'remove' })
    await queue.put('a', 'fourth', { kind: 'create' })
    assert.deepEqual(await carriedOut(queue), ['put first', 'put fourth'])
    assert.deepEqual((await queue.take()).backlog, { records: 0, bytes: 0 })
  }),
]

async function die(queue: QueueSteps, id: string): Promise<void> {
  await queue.put(id, 'bad')
  for (const record of await queue.taken())
    await queue.settle(record, { kind: 'dead', error: 'no' })
}

const dead: readonly SharedCase[] = [
  queueCase('a write that the source has ends the dead letter of its key', async (queue, tier) => {
    for (const id of ['a', 'b']) await die(queue, id)
    const begun = await tier.beginIntent(A, 'writer')
    await tier.endIntent(A, 'writer', { begun, written: true })
    assert.deepEqual(await queue.dead(), [inQueue('b')])
    // Nobody knows what the source has of one that failed.
    const failed = await tier.beginIntent(inQueue('b'), 'writer')
    await tier.endIntent(inQueue('b'), 'writer', { begun: failed })
    assert.deepEqual(await queue.dead(), [inQueue('b')])
  }),
  queueCase('a write that ends late leaves the dead letter of a later one', async (queue, tier) => {
    const { epoch } = await tier.moment()
    await die(queue, 'a')
    await tier.endIntent(A, 'writer', { begun: { epoch, number: 1 }, written: true })
    assert.deepEqual(await queue.dead(), [A])
    const begun = await tier.beginIntent(A, 'writer')
    await tier.endIntent(A, 'writer', { begun: { ...begun, epoch: 'other' }, written: true })
    assert.deepEqual(await queue.dead(), [A])
  }),
  queueCase('a dead letter waits for a write that is under way', async (queue, tier) => {
    await die(queue, 'a')
    await tier.beginIntent(A, 'writer')
    assert.equal(await queue.steps.revive(queue.place, [A]), 0)
    assert.deepEqual(await queue.dead(), [A])
    await tier.endIntent(A, 'writer')
    assert.equal(await queue.steps.revive(queue.place, [A]), 1)
    assert.deepEqual(await carriedOut(queue), ['put bad'])
  }),
]

const pace: readonly SharedCase[] = [
  queueCase(
    'who asks again and again where nothing is due keeps the right to take',
    async (queue, _, subject) => {
      const leaseMs = 10_000
      for (let at = 0; at < 8; at += 1) {
        assert.deepEqual(await queue.taken({ leaseMs }), [])
        await subject.advance(4_000)
        assert.equal((await queue.take({ owner: 'other', leaseMs })).kind, 'held')
      }
      await queue.put('a', 'new')
      assert.equal((await queue.taken({ leaseMs })).length, 1)
      await subject.advance(9_999)
      assert.equal((await queue.take({ owner: 'other', leaseMs })).kind, 'held')
      await subject.advance(1)
      assert.equal((await queue.taken({ owner: 'other', leaseMs })).length, 1)
    },
    ['settable-clock'],
  ),
  queueCase('what is hurried up to a number leaves later writes their time', async (queue) => {
    await queue.put('a', 'first', { delayMs: LIFE_MS })
    const { sequence } = await queue.put('b', 'second', { delayMs: LIFE_MS })
    await queue.put('c', 'third', { delayMs: LIFE_MS })
    await queue.steps.hasten(queue.place, undefined, sequence)
    const records = await queue.taken()
    assert.deepEqual(records.map(told).sort(), ['put first', 'put second'])
    await queue.steps.hasten(queue.place, inQueue('c'), sequence)
    assert.equal((await queue.taken()).length, 2)
  }),
  queueCase('what waits behind another is not due before it', async (queue) => {
    await queue.put('a', 'first', { keep: 'every' })
    const [first] = await queue.taken()
    assert.ok(first !== undefined)
    await queue.settle(first, { kind: 'retry', delayMs: 5_000 })
    await queue.put('a', 'second', { keep: 'every' })
    const answer = await queue.take()
    assert.ok(answer.kind === 'taken')
    assert.deepEqual(answer.records, [])
    assert.ok(answer.nextMs !== undefined && answer.nextMs > 1_000, `due in ${answer.nextMs} ms`)
  }),
]

export const sharedMixedWriteCases: readonly SharedCase[] = [...kinds, ...dead, ...pace]
