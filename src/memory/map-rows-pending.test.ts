import { expect, test } from 'vitest'
import type { PendingRow } from '../shard/index.ts'
import { MapPending } from './map-rows-pending.ts'

const row = (at: number): PendingRow => ({
  id: `thing:${at}`,
  collection: 'thing',
  kind: 'put',
  epoch: 'now',
  version: at,
  first: at,
  storedAt: at,
  dueAt: at,
  ttlMs: 1_000,
  graceMs: 0,
  tags: [],
  removes: [],
  attempts: 0,
  taken: false,
  marked: false,
  envelope: new Uint8Array(8),
})

/** Of taking and settling a hundred batches out of so many that wait. */
function timeOf(count: number): number {
  const pending = new MapPending()
  for (let at = 1; at <= count; at += 1) pending.put(row(at))
  const began = performance.now()
  for (let batch = 0; batch < 100; batch += 1) {
    pending.oldest('thing')
    pending.hasUpTo('thing', 0, undefined)
    const taken = pending.due({ collection: 'thing', epoch: 'now', now: count, limit: 10 })
    expect(taken).toHaveLength(10)
    for (const one of taken) {
      pending.setDue('thing', { id: one.id, upTo: undefined }, 0)
      pending.remove(one.id, one.version)
    }
    pending.nextDue('thing')
  }
  return performance.now() - began
}

test('what a batch costs does not grow with what waits', () => {
  // The best of some, since others are at work on the machine too.
  const best = (count: number): number => Math.min(...[1, 2, 3].map(() => timeOf(count)))
  const [few, many] = [best(2_000), best(100_000)]
  // It would be a hundred times as much if all that waits were looked at.
  expect(many).toBeLessThan(20 * few + 50)
})
