/** The cases of `sharedTierSuite` about noting reads, and removing what nobody reads. */

import assert from 'node:assert/strict'
import type { IdleSpan } from '../contracts/idle-steps.ts'
import type { SharedSession } from '../contracts/shared-tier.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { openListening, openSteps, sharedCase } from './shared-case.ts'
import { inQueue, QUEUE, QueueSteps } from './shared-queue-steps.ts'
import { keyOf, type SharedSteps, sharedValue } from './shared-steps.ts'
import type { SharedTierSubject } from './shared-tier-subject.ts'

const HOUR_MS = 3_600_000
const NO_END = { ttlMs: Number.POSITIVE_INFINITY }
/** Whatever was read up to now is idle by it, on any clock. */
const AT_ONCE: readonly IdleSpan[] = [{ collection: '', afterMs: -HOUR_MS }]

interface Swept {
  readonly looked: number
  readonly removed: number
  readonly slices: number
}

/** To the end. */
async function sweep(
  { idle }: SharedSession,
  token: number,
  spans: readonly IdleSpan[] = AT_ONCE,
): Promise<Swept> {
  let [looked, removed, slices] = [0, 0, 0]
  let cursor: string | undefined
  do {
    const answer = await idle.sweep({ token, cursor, limit: 100, spans })
    assert.ok(answer.kind === 'swept', 'the clean-up was overtaken')
    assert.ok(answer.removed === 0 ? answer.removedBytes === 0 : answer.removedBytes > 0)
    looked += answer.looked
    removed += answer.removed
    slices += 1
    cursor = answer.cursor
  } while (cursor !== undefined)
  return { looked, removed, slices }
}

/** A slice that finds nothing to look at may not hear of it. */
async function assertOvertaken({ idle }: SharedSession, token: number): Promise<void> {
  let cursor: string | undefined
  do {
    const answer = await idle.sweep({ token, cursor, limit: 100, spans: AT_ONCE })
    if (answer.kind === 'overtaken') return
    assert.equal(answer.removed, 0)
    cursor = answer.cursor
  } while (cursor !== undefined)
  assert.fail('the clean-up was not overtaken')
}

async function setAll(tier: SharedSteps, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) await tier.set(id, id, NO_END)
}

const times: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase(
    'of values, those leave that were not read for as long, and no others',
    async (tier, subject) => {
      await setAll(tier, 'stored', 'noted', 'noted long ago')
      await subject.advance(20 * HOUR_MS)
      await tier.session.idle.note([keyOf('noted'), keyOf('noted long ago')], HOUR_MS)
      await subject.advance(20 * HOUR_MS)
      await tier.session.idle.note([keyOf('noted')], HOUR_MS)
      await setAll(tier, 'stored late')
      await subject.advance(15 * HOUR_MS)
      const after = { collection: '', afterMs: 30 * HOUR_MS }
      const { looked, removed } = await sweep(tier.session, 1, [after])
      assert.deepEqual([looked, removed], [4, 2])
      const left = await tier.texts('stored', 'noted', 'noted long ago', 'stored late')
      assert.deepEqual(left, [undefined, 'noted', undefined, 'stored late'])
    },
    ['settable-clock'],
  ),
  sharedCase(
    'a read that the tier notes by itself counts',
    async (tier, subject) => {
      await setAll(tier, 'read', 'unread')
      await subject.advance(20 * HOUR_MS)
      const { entry } = await tier.read('read')
      if (entry?.readAt !== undefined) await tier.session.idle.note([keyOf('read')], HOUR_MS)
      await subject.advance(20 * HOUR_MS)
      await sweep(tier.session, 1, [{ collection: '', afterMs: 30 * HOUR_MS }])
      assert.deepEqual(await tier.texts('read', 'unread'), ['read', undefined])
    },
    ['settable-clock'],
  ),
  sharedCase(
    'a claim that is answered with the entry counts as a read of it',
    async (tier, subject) => {
      await setAll(tier, 'claimed', 'unread')
      await subject.advance(20 * HOUR_MS)
      const claim = await tier.claim('claimed', 'asker')
      assert.ok(claim.kind === 'fresh')
      if (claim.entry.readAt !== undefined) {
        await tier.session.idle.note([keyOf('claimed')], HOUR_MS)
      }
      await subject.advance(20 * HOUR_MS)
      await sweep(tier.session, 1, [{ collection: '', afterMs: 30 * HOUR_MS }])
      assert.deepEqual(await tier.texts('claimed', 'unread'), ['claimed', undefined])
    },
    ['settable-clock'],
  ),
  sharedCase(
    'an entry that is given another life counts from when it was read, not from when it was stored',
    async (tier, subject) => {
      await setAll(tier, 'a')
      await subject.advance(20 * HOUR_MS)
      await tier.session.idle.note([keyOf('a')], HOUR_MS)
      await subject.advance(20 * HOUR_MS)
      const lease = await tier.begin('a', 'loader', Number.POSITIVE_INFINITY)
      const renewal = { ...sharedValue('a', '', NO_END), ...lease, envelope: undefined }
      await tier.session.fill([renewal])
      await sweep(tier.session, 1, [{ collection: '', afterMs: 30 * HOUR_MS }])
      assert.equal(await tier.text('a'), 'a')
    },
    ['settable-clock'],
  ),
  sharedCase('a note prolongs no life, and makes no entry', async (tier) => {
    await tier.set('a', 'one', { ttlMs: 50_000, graceMs: 0 })
    const before = await tier.entry('a')
    await tier.session.idle.note([keyOf('a'), keyOf('none')], 0)
    const after = await tier.entry('a')
    assert.deepEqual(
      [after?.freshUntil, after?.graceUntil, after?.stamp, after?.storedAt],
      [before?.freshUntil, before?.graceUntil, before?.stamp, before?.storedAt],
    )
    assert.equal(await tier.text('none'), undefined)
  }),
]

const kept: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase('only entries of the collections named leave', async (tier) => {
    await setAll(tier, 'plain', 'product:1', 'product:2', 'productive:1')
    const { looked, removed } = await sweep(tier.session, 1, [
      { collection: 'product', afterMs: -HOUR_MS },
    ])
    assert.deepEqual([looked, removed], [2, 2])
    assert.deepEqual(await tier.texts('plain', 'product:1', 'product:2', 'productive:1'), [
      'plain',
      undefined,
      undefined,
      'productive:1',
    ])
    const both = await sweep(tier.session, 1, [
      { collection: 'productive', afterMs: HOUR_MS },
      { collection: '', afterMs: -HOUR_MS },
    ])
    assert.deepEqual([both.looked, both.removed], [2, 1])
    assert.deepEqual(await tier.texts('plain', 'productive:1'), [undefined, 'productive:1'])
  }),
  sharedCase('a key that is being written stays so', async (tier) => {
    await setAll(tier, 'a')
    const begun = await tier.beginIntent('a', 'writer')
    await tier.session.idle.note([keyOf('a')], 0)
    assert.equal((await sweep(tier.session, 1)).removed, 0)
    assert.equal((await tier.claim('a', 'asker')).kind, 'writing')
    await tier.endWith('a', 'writer', { text: 'two', begun })
    assert.equal(await tier.text('a'), 'two')
  }),
  sharedCase(
    'a write that waits for the source stays',
    async (tier) => {
      const queue = new QueueSteps(tier)
      await queue.put('a', 'waits')
      await tier.session.idle.note([keyOf(inQueue('a'))], 0)
      const spans = [{ collection: QUEUE, afterMs: -HOUR_MS }]
      assert.equal((await sweep(tier.session, 1, spans)).removed, 0)
      assert.equal(await tier.text(inQueue('a')), 'waits')
      assert.equal((await tier.session.pending.backlog(queue.place)).records, 1)
    },
    ['queues'],
  ),
  sharedCase('a load that is under way is stored', async (tier) => {
    await setAll(tier, 'a')
    const lease = await tier.begin('a', 'loader', Number.POSITIVE_INFINITY)
    await sweep(tier.session, 1)
    assert.equal((await tier.fill('a', 'two', lease)).kind, 'stored')
    assert.equal(await tier.text('a'), 'two')
  }),
  sharedCase('removing what is idle is no change: it takes no number', async (tier) => {
    await setAll(tier, 'a', 'b')
    const before = await tier.moment()
    await sweep(tier.session, 1)
    assert.equal(await tier.sequence(), before.sequence)
    assert.deepEqual((await tier.follow(before)).changes, [])
  }),
  sharedCase(
    'and nobody is told of it',
    async (tier, subject) => {
      const { signals } = await openListening(subject)
      await setAll(tier, 'a')
      await subject.heard()
      signals.length = 0
      await tier.session.idle.note([keyOf('a')], 0)
      await sweep(tier.session, 1)
      await subject.heard()
      assert.deepEqual(signals, [])
    },
    ['exact-hints'],
  ),
]

const fences: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase(
    'slices of a smaller token remove nothing, of the same go on',
    async (tier, subject) => {
      const { session: other } = await openSteps(subject)
      await setAll(tier, 'a', 'b')
      await other.idle.begin(8)
      await assertOvertaken(tier.session, 7)
      assert.deepEqual(await tier.texts('a', 'b'), ['a', 'b'])
      await tier.session.idle.begin(7)
      assert.equal((await sweep(other, 8)).removed, 2)
      await setAll(tier, 'a')
      assert.equal((await sweep(tier.session, 9)).removed, 1)
      await setAll(tier, 'a')
      await assertOvertaken(other, 8)
      assert.equal(await tier.text('a'), 'a')
    },
  ),
  sharedCase('what the last one has saved is answered to the next', async (tier, subject) => {
    const { session: other } = await openSteps(subject)
    const { idle } = tier.session
    assert.equal(await idle.begin(1), undefined)
    const text = '{"cursor":"12 {x}","ß":"\\n"}'
    assert.equal(await idle.save({ token: 1, text }), true)
    assert.deepEqual(await other.idle.begin(2), { token: 1, text })
    assert.equal(await other.idle.save({ token: 2, text: 'two' }), true)
    assert.equal(await idle.save({ token: 1, text: 'late' }), false)
    assert.deepEqual(await idle.begin(3), { token: 2, text: 'two' })
  }),
  sharedCase('a clean-up goes on where another process has left it', async (tier, subject) => {
    const ids = Array.from({ length: 400 }, (_, at) => `entry ${at}`)
    await tier.session.set(
      ids.map((id) => ({
        ...keyOf(id),
        envelope: new Uint8Array(8),
        ...NO_END,
        graceMs: 0,
        tags: [],
      })),
    )
    const request = { limit: 50, spans: AT_ONCE }
    const first = await tier.session.idle.sweep({ ...request, token: 1, cursor: undefined })
    assert.ok(first.kind === 'swept' && first.cursor !== undefined)
    const { session: other } = await openSteps(subject)
    let { removed, cursor } = { removed: first.removed, cursor: first.cursor as string | undefined }
    while (cursor !== undefined) {
      const next = await other.idle.sweep({ ...request, token: 2, cursor })
      assert.ok(next.kind === 'swept')
      removed += next.removed
      cursor = next.cursor
    }
    assert.equal(removed, ids.length)
  }),
]

export const sharedIdleCases: readonly ConformanceCase<SharedTierSubject>[] = [
  ...times,
  ...kept,
  ...fences,
]
