/**
 * The cases of `sharedTierSuite` about a flush of writes that wait: what waits for company is made due, and
 * who flushes hears when the source has what was queued before.
 */

import assert from 'node:assert/strict'
import { queueCase } from './queue-case.ts'
import type { SharedCase } from './shared-case.ts'
import { inQueue, textsOf } from './shared-queue-steps.ts'
import { LIFE_MS } from './shared-steps.ts'

export const sharedFlushCases: readonly SharedCase[] = [
  queueCase('a flush waits for what was queued before it, and for nothing else', async (queue) => {
    await queue.put('a', 'v1', { delayMs: LIFE_MS })
    await queue.put('b', 'w1', { delayMs: LIFE_MS })
    const { sequence } = await queue.steps.hasten(queue.place, undefined)
    await queue.put('c', 'late', { delayMs: LIFE_MS })
    assert.equal(await queue.waits(sequence), true)
    assert.equal(await queue.waits(sequence, inQueue('c')), false)
    const records = await queue.taken()
    assert.deepEqual([...textsOf(records)].sort(), ['v1', 'w1'])
    for (const record of records) await queue.settle(record, { kind: 'applied' })
    assert.equal(await queue.waits(sequence), false)
    assert.equal((await queue.take()).backlog.records, 1)
  }),
  queueCase(
    'a flush waits for what is being written, also if its place is taken',
    async (queue) => {
      await queue.put('a', 'v1', { removes: ['one'] })
      const [record] = await queue.taken()
      assert.ok(record !== undefined)
      const { sequence } = await queue.steps.hasten(queue.place, undefined)
      await queue.put('a', 'v2', { delayMs: LIFE_MS, removes: ['two'] })
      // Neither of them is in the source: nobody knows yet what becomes of the first.
      assert.equal(await queue.waits(sequence), true)
      assert.equal(await queue.settle(record, { kind: 'retry', delayMs: 0 }), 'newer')
      assert.equal(await queue.waits(sequence, inQueue('a')), true)
      assert.equal(await queue.settle(record, { kind: 'applied' }), 'newer')
      assert.equal(await queue.waits(sequence), false)
      const { sequence: later } = await queue.steps.hasten(queue.place, undefined)
      assert.equal(await queue.waits(later), true)
      const [second] = await queue.taken()
      // The first may have been carried out, and its writer have died before it removed anything.
      assert.deepEqual([...(second?.removes ?? [])].sort(), ['one', 'two'])
    },
  ),
  queueCase('hurry is for a write of any delay, and for what takes its place', async (queue) => {
    // No whole number of milliseconds, as a share of a second may come to.
    await queue.put('a', 'v1', { delayMs: LIFE_MS + 0.5 })
    await queue.steps.hasten(queue.place, undefined)
    await queue.put('a', 'v2', { delayMs: LIFE_MS })
    // Due sooner than either of them would have been by itself.
    await queue.put('a', 'v3', { delayMs: LIFE_MS / 2 })
    assert.deepEqual(textsOf(await queue.taken()), ['v3'])
  }),
  queueCase(
    'hurry is for what waits for company, not for what waits for another try',
    async (queue) => {
      for (const id of ['a', 'b', 'c']) await queue.put(id, id)
      const [record, other] = await queue.taken({ limit: 2 })
      assert.ok(record !== undefined && other !== undefined)
      for (const one of [record, other]) {
        assert.equal(await queue.settle(one, { kind: 'retry', delayMs: LIFE_MS }), 'waits')
      }
      await queue.put('d', 'd', { delayMs: LIFE_MS })
      for (const id of [undefined, record.id]) await queue.steps.hasten(queue.place, id)
      const tried = textsOf([record, other])
      const [untried = ''] = ['a', 'b', 'c'].filter((text) => !tried.includes(text))
      assert.deepEqual([...textsOf(await queue.taken())].sort(), [untried, 'd'])
      // What takes its place was not tried yet.
      await queue.put(record.id.slice(inQueue('').length), 'anew', { delayMs: LIFE_MS })
      await queue.steps.hasten(queue.place, undefined)
      assert.deepEqual([...textsOf(await queue.taken())].sort(), ['anew', untried, 'd'])
    },
  ),
  queueCase(
    'what waits behind one that is to be tried again is not due before it',
    async (queue) => {
      await queue.put('a', 'v1', { keep: 'every' })
      const [record] = await queue.taken()
      assert.ok(record !== undefined)
      await queue.put('a', 'v2', { keep: 'every' })
      await queue.settle(record, { kind: 'retry', delayMs: LIFE_MS })
      await queue.steps.hasten(queue.place, undefined)
      const answer = await queue.take()
      assert.ok(answer.kind === 'taken')
      assert.deepEqual(answer.records, [])
      assert.ok((answer.nextMs ?? 0) > LIFE_MS / 2, `it is due in ${answer.nextMs} ms`)
    },
  ),
  queueCase('a flush waits for one that goes on under another version', async (queue) => {
    const { sequence } = await queue.put('a', 'new')
    const [record] = await queue.taken()
    assert.ok(record !== undefined)
    await queue.settle(record, { kind: 'raise', above: sequence + 1_000 })
    assert.equal(await queue.waits(sequence), true)
    const [again] = await queue.taken()
    assert.ok(again !== undefined)
    await queue.settle(again, { kind: 'applied' })
    assert.equal(await queue.waits(sequence), false)
  }),
]
