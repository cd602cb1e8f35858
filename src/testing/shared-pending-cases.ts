/**
 * The cases of `sharedTierSuite` about writes that wait for the source: they are the entry until the
 * source has them, they are handed to one owner at a time, and only that owner's word settles them.
 */

import assert from 'node:assert/strict'
import type { WaitingWrite } from '../contracts/pending-steps.ts'
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

const outcomes: readonly SharedCase[] = [
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

export const sharedPendingCases: readonly SharedCase[] = [
  ...overlay,
  ...order,
  ...bounds,
  ...outcomes,
]
