/**
 * The cases of `sharedTierSuite` about writes that wait for the source: they are the entry until the
 * source has them, they are handed to one owner at a time, and only that owner's word settles them.
 */

import assert from 'node:assert/strict'
import { queueCase } from './queue-case.ts'
import { openSteps, type SharedCase } from './shared-case.ts'
import { inQueue, kindsOf, pendingWrite, QUEUE, textsOf } from './shared-queue-steps.ts'
import { keyOf, LIFE_MS, only, sharedValue, tags } from './shared-steps.ts'

const A = inQueue('a')

const overlay: readonly SharedCase[] = [
  queueCase('a write that waits is the entry, for every session', async (queue, tier, subject) => {
    await tier.set(A, 'old')
    const { sequence } = await queue.put('a', 'new')
    const other = await openSteps(subject)
    for (const one of [tier, other]) {
      const reading = await one.read(A)
      assert.equal(await one.text(A), 'new')
      assert.equal(reading.entry?.stamp, sequence)
      assert.equal(reading.entry?.pending, true)
      assert.equal(reading.entry?.freshUntil, Number.POSITIVE_INFINITY)
    }
    const claim = await other.claim(A, 'loader', Number.POSITIVE_INFINITY)
    assert.ok(claim.kind === 'fresh')
    assert.equal(claim.entry.pending, true)
  }),
  queueCase(
    'no removal takes it, and the key is gone when the source has it',
    async (queue, tier) => {
      for (const id of ['a', 'b', 'c']) await queue.put(id, id, { tags: ['red'] })
      assert.equal(await tier.delete(A), true)
      await tier.invalidate(tags('red'))
      await tier.invalidate({ kind: 'collection', collection: QUEUE })
      await tier.invalidate({ kind: 'clear' })
      assert.deepEqual(await tier.texts(A, inQueue('b'), inQueue('c')), ['a', 'b', 'c'])
      for (const record of await queue.taken()) {
        await queue.settle(record, { kind: 'applied' })
      }
      assert.deepEqual(await tier.texts(A, inQueue('b'), inQueue('c')), [
        undefined,
        undefined,
        undefined,
      ])
    },
  ),
  queueCase('a deleted one leaves nothing when the source has it', async (queue, tier) => {
    await queue.put('a', 'new')
    await tier.delete(A)
    const [record] = await queue.taken()
    assert.ok(record !== undefined)
    assert.equal(await queue.settle(record, { kind: 'applied' }), 'removed')
    assert.equal(await tier.entry(A), undefined)
  }),
  queueCase('what was loaded or set meanwhile is not kept', async (queue, tier) => {
    const lease = await tier.begin(A, 'loader')
    await queue.put('a', 'new')
    assert.equal((await tier.fill(A, 'old', lease)).kind, 'refused')
    const answers = await tier.session.set([sharedValue(A, 'old')])
    assert.equal(only(answers).kind, 'writing')
    assert.equal(await tier.text(A), 'new')
  }),
  queueCase(
    'the source has it: it is an ordinary entry, of the same version',
    async (queue, tier) => {
      const { sequence } = await queue.put('a', 'new', { ttlMs: LIFE_MS, tags: ['red'] })
      const [record] = await queue.taken()
      assert.ok(record !== undefined)
      const before = await tier.sequence()
      assert.equal(await queue.settle(record, { kind: 'applied' }), 'clean')
      assert.equal(await tier.sequence(), before)
      const entry = await tier.entry(A)
      assert.equal(entry?.stamp, sequence)
      assert.ok((entry?.freshUntil ?? 0) < Number.POSITIVE_INFINITY)
      assert.equal(await queue.settle(record, { kind: 'applied' }), 'gone')
      assert.equal(await tier.text(A), 'new')
      await tier.invalidate(tags('red'))
      assert.equal(await tier.entry(A), undefined)
    },
  ),
  queueCase('each write is a change that is followed', async (queue, tier) => {
    const before = await tier.moment()
    await queue.put('a', 'new')
    const { changes, sequence } = await tier.follow(before)
    assert.deepEqual(
      changes.map(({ kind, number }) => ({ kind, number })),
      [{ kind: 'bucket', number: sequence }],
    )
  }),
]

const order: readonly SharedCase[] = [
  queueCase('one owner at a time takes', async (queue) => {
    await queue.put('a', 'new')
    assert.deepEqual(textsOf(await queue.taken()), ['new'])
    const other = await queue.take({ owner: 'other' })
    assert.equal(other.kind, 'held')
    assert.ok(other.kind === 'held' && other.remainingMs > 0)
    assert.deepEqual(other.backlog, { records: 1, bytes: 3 })
    // Its answer may have been lost.
    assert.deepEqual(textsOf(await queue.taken()), ['new'])
    await queue.take({ limit: 0 })
    assert.deepEqual(textsOf(await queue.taken({ owner: 'other' })), ['new'])
  }),
  queueCase(
    'an owner that died is followed by another',
    async (queue, _, subject) => {
      await queue.put('a', 'new')
      await queue.taken({ leaseMs: 1_000 })
      await subject.advance(1_001)
      assert.deepEqual(textsOf(await queue.taken({ owner: 'other' })), ['new'])
      assert.equal((await queue.take()).kind, 'held')
    },
    ['settable-clock'],
  ),
  queueCase('the one that was due first is taken first, and no more than asked', async (queue) => {
    for (const id of ['c', 'a', 'b']) {
      await queue.put(id, id)
      await queue.steps.hasten(queue.place, inQueue(id))
    }
    const answer = await queue.take({ limit: 2 })
    assert.ok(answer.kind === 'taken')
    assert.equal(answer.records.length, 2)
    assert.equal(answer.nextMs, 0)
    assert.deepEqual(textsOf(await queue.taken({ maxBytes: 1 })).length, 1)
    assert.equal((await queue.taken()).length, 3)
  }),
  queueCase(
    'a write waits for company, and those of its key take its place until it is taken',
    async (queue, _, subject) => {
      const [first] = [await queue.put('a', 'v1', { delayMs: 1_000 })]
      await subject.advance(900)
      await queue.put('a', 'v2', { delayMs: 1_000 })
      const waiting = await queue.take()
      assert.ok(waiting.kind === 'taken')
      assert.deepEqual(waiting.records, [])
      assert.ok(waiting.nextMs !== undefined && waiting.nextMs <= 100)
      await subject.advance(100)
      const [record] = await queue.taken()
      assert.deepEqual(textsOf(record === undefined ? [] : [record]), ['v2'])
      assert.ok((record?.version ?? 0) > first.sequence)
      // While it is being written, the next waits its own time.
      await queue.put('a', 'v3', { delayMs: 1_000 })
      assert.deepEqual(await queue.taken(), [])
      assert.ok(record !== undefined)
      assert.equal(await queue.settle(record, { kind: 'applied' }), 'newer')
      await subject.advance(1_000)
      assert.deepEqual(textsOf(await queue.taken()), ['v3'])
    },
    ['settable-clock'],
  ),
  queueCase('with every write kept, they are taken one by one, in order', async (queue, tier) => {
    for (const text of ['v1', 'v2', 'v3']) await queue.put('a', text, { keep: 'every' })
    assert.equal((await queue.take()).backlog.records, 3)
    assert.equal(await tier.text(A), 'v3')
    for (const text of ['v1', 'v2', 'v3']) {
      const records = await queue.taken()
      assert.deepEqual(textsOf(records), [text])
      for (const record of records) await queue.settle(record, { kind: 'applied' })
    }
    assert.deepEqual(await queue.taken(), [])
    assert.equal(await tier.text(A), 'v3')
    assert.deepEqual((await queue.take()).backlog, { records: 0, bytes: 0 })
  }),
  queueCase(
    'with every write kept, one that dies leaves a letter, and the next goes on',
    async (queue, tier) => {
      for (const text of ['v1', 'v2', 'v3']) await queue.put('a', text, { keep: 'every' })
      for (const error of ['first', 'second']) {
        const [record] = await queue.taken()
        assert.ok(record !== undefined)
        assert.equal(await queue.settle(record, { kind: 'dead', error }), 'removed')
        const { letters } = await queue.steps.dead(queue.place, { limit: 10 })
        // One a key: the last that died.
        assert.deepEqual(
          letters.map((letter) => [letter.id, letter.version, letter.error]),
          [[A, record.version, error]],
        )
      }
      assert.equal(await tier.text(A), 'v3')
      assert.equal((await queue.take()).backlog.records, 1)
      const [last] = await queue.taken()
      assert.ok(last !== undefined)
      assert.equal(await queue.settle(last, { kind: 'applied' }), 'clean')
      assert.equal(await tier.text(A), 'v3')
      // Queued again, it is the latest write of its key.
      assert.equal(await queue.steps.revive(queue.place, [A]), 1)
      assert.deepEqual(textsOf(await queue.taken()), ['v2'])
    },
  ),
  queueCase('writes of one call keep their order, also of one key', async (queue, tier) => {
    const writes = ['v1', 'v2'].map((text) => pendingWrite('a', text))
    assert.deepEqual(await kindsOf(queue.steps.enqueue([...writes, pendingWrite('b', 'w')])), [
      'queued',
      'queued',
      'queued',
    ])
    assert.deepEqual([...textsOf(await queue.taken())].sort(), ['v2', 'w'])
    assert.equal(await tier.text(A), 'v2')
  }),
  queueCase('what is put on a creation that waits is still a creation', async (queue) => {
    await queue.put('a', 'v1', { kind: 'create', removes: ['one'] })
    await queue.put('a', 'v2', { kind: 'put', removes: ['two'] })
    const [record] = await queue.taken()
    assert.equal(record?.kind, 'create')
    assert.deepEqual([...(record?.removes ?? [])].sort(), ['one', 'two'])
    await queue.put('a', '', { kind: 'remove' })
    assert.equal((await queue.taken())[0]?.kind, 'remove')
  }),
  queueCase('a creation behind a put is what another put of its call meets', async (queue) => {
    await queue.put('a', 'v1')
    await queue.steps.enqueue([
      pendingWrite('a', 'v2', { kind: 'create' }),
      pendingWrite('a', 'v3', { kind: 'put' }),
    ])
    const [first] = await queue.taken()
    assert.ok(first !== undefined)
    assert.deepEqual([first.kind, ...textsOf([first])], ['put', 'v1'])
    await queue.settle(first, { kind: 'applied' })
    const [second] = await queue.taken()
    assert.ok(second !== undefined)
    assert.deepEqual([second.kind, ...textsOf([second])], ['put', 'v3'])
  }),
]

const bounds: readonly SharedCase[] = [
  queueCase(
    'beyond its bound nothing is taken, but what takes the place of another',
    async (queue, tier) => {
      const most = { records: 2, bytes: 8 }
      const put = async (id: string, text: string): Promise<string> =>
        (await queue.enqueue(id, text, { most })).kind
      assert.deepEqual(
        [await put('a', 'aa'), await put('b', 'bb'), await put('c', 'c')],
        ['queued', 'queued', 'full'],
      )
      assert.equal(await put('a', 'AA'), 'queued')
      assert.equal(await put('a', 'AAAAAAAA'), 'full')
      assert.equal(await tier.text(A), 'AA')
      assert.equal(await tier.entry(inQueue('c')), undefined)
      for (const record of await queue.taken()) await queue.settle(record, { kind: 'applied' })
      assert.equal(await put('c', 'a long one is taken alone'), 'queued')
    },
  ),
  queueCase(
    'where one has been due for longer than its bound, nothing is taken but what takes its place',
    async (queue) => {
      const most = { records: 100, bytes: 1_000, overdueMs: 30_000 }
      const ask = async (id: string, delayMs: number) =>
        await queue.enqueue(id, id, { most, delayMs })
      const first = await ask('a', 0)
      assert.ok(first.kind === 'queued' && first.backlog.overdueMs === 0)
      assert.equal((await ask('b', -60_000)).kind, 'queued')
      const full = await ask('c', 0)
      assert.ok(full.kind === 'full' && (full.backlog.overdueMs ?? 0) >= 60_000)
      assert.equal((await ask('b', 0)).kind, 'queued')
      const patient = { most: { ...most, overdueMs: 600_000 } }
      assert.equal((await queue.enqueue('d', 'd', patient)).kind, 'queued')
      const unbound = await queue.enqueue('e', 'e', { most: { records: 100, bytes: 1_000 } })
      assert.ok(unbound.kind === 'queued' && unbound.backlog.overdueMs === undefined)
      for (const one of await queue.taken()) await queue.settle(one, { kind: 'applied' })
      assert.equal((await ask('c', 0)).kind, 'queued')
    },
  ),
  queueCase(
    'a write through the cache and one behind it wait for each other',
    async (queue, tier) => {
      await tier.beginIntent(A, 'writer')
      assert.equal((await queue.enqueue('a', 'new')).kind, 'writing')
      await tier.endIntent(A, 'writer')
      await queue.put('a', 'new', { delayMs: LIFE_MS })
      const request = { ...keyOf(A), token: 'writer', deadlineMs: 1_000, tags: [] }
      assert.equal(only(await tier.session.beginIntent([request])).kind, 'pending')
      assert.equal(await tier.text(A), 'new')
      // It was made due.
      const [record] = await queue.taken()
      assert.ok(record !== undefined)
      await queue.settle(record, { kind: 'applied' })
      assert.equal(only(await tier.session.beginIntent([request])).kind, 'begun')
    },
  ),
]

export const sharedPendingCases: readonly SharedCase[] = [...overlay, ...order, ...bounds]
