/** The cases of `sharedTierSuite` about many keys at once, hostile keys, pages, usage and sessions. */

import assert from 'node:assert/strict'
import { TierError } from '../contracts/errors.ts'
import { type SharedCase, sharedCase } from './shared-case.ts'
import { keyOf, keys, LEASE_MS, SharedSteps, sharedValue, textOf } from './shared-steps.ts'

const HOSTILE_IDS: readonly string[] = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'toString',
  'line\nbreak',
  'nul\u0000byte',
  'nul\u0000other',
  'quote"\'`\\',
  "'; DROP TABLE entries; --",
  '%_*?[a-z]{x}',
  'é',
  'e\u0301',
  'É',
  '日本語 😀 \u{10ffff} \u2028 \ufeff',
  'null',
  '1',
  '1.0',
  'x'.repeat(1_000),
]

/** Every step asked for nothing. */
const EMPTY: readonly ((tier: SharedSteps) => Promise<unknown>)[] = [
  ({ session }) => session.read([]),
  ({ session }) => session.claim([], { leaseMs: LEASE_MS }),
  ({ session }) => session.fill([]),
  ({ session }) => session.set([]),
  ({ session }) => session.touch([]),
  ({ session }) => session.beginIntent([]),
  ({ session }) => session.endIntent([]),
]

/** All pages of a collection, each within the limit. */
async function scanAll(
  { session }: SharedSteps,
  collection: string,
  limit: number,
): Promise<string[]> {
  const found: string[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < 1_000; pages += 1) {
    const page = await session.scan(collection, cursor, limit)
    assert.ok(page.keys.length <= limit)
    found.push(...page.keys)
    if (page.cursor === undefined) return found.sort()
    cursor = page.cursor
  }
  throw new assert.AssertionError({ message: 'the pages do not end' })
}

export const sharedBatchCases: readonly SharedCase[] = [
  sharedCase(
    'a batch is answered in its order, whatever the keys are called',
    async ({ session }) => {
      const values = HOSTILE_IDS.map((id, index) => ({
        ...sharedValue(id, `v${index}`),
        collection: '',
      }))
      await session.set(values)
      const readings = await session.read([...values, { id: 'absent', collection: '' }].reverse())
      assert.deepEqual(
        readings.map(({ entry }) => textOf(entry)),
        [...HOSTILE_IDS.map((_, index) => `v${index}`), undefined].reverse(),
      )
      const { found } = await session.invalidate({
        kind: 'keys',
        keys: values.slice(3),
        mode: 'delete',
      })
      assert.deepEqual(
        found,
        values.slice(3).map(() => true),
      )
      const left = await session.read(values)
      assert.deepEqual(
        left.map(({ entry }) => textOf(entry)),
        HOSTILE_IDS.map((_, index) => (index < 3 ? `v${index}` : undefined)),
      )
    },
  ),

  sharedCase('leases and intents of hostile keys are kept apart too', async ({ session }) => {
    const requests = HOSTILE_IDS.map((id) => ({ id, collection: '', token: 'a' }))
    const claims = await session.claim(requests, { leaseMs: LEASE_MS })
    assert.ok(claims.every(({ kind }) => kind === 'granted'))
    const written = requests.slice(5).map((one) => ({ ...one, tags: ['__proto__'] }))
    await session.beginIntent(written.map((one) => ({ ...one, deadlineMs: LEASE_MS })))
    const again = await session.claim(requests, { leaseMs: LEASE_MS })
    assert.deepEqual(
      again.map(({ kind }) => kind),
      requests.map((_, index) => (index < 5 ? 'granted' : 'writing')),
    )
  }),

  sharedCase('a thousand keys are one batch', async ({ session }) => {
    const values = Array.from({ length: 1_000 }, (_, index) =>
      sharedValue(`item:${index}`, `v${index}`),
    )
    const stored = await session.set(values)
    assert.ok(stored.length === 1_000 && stored.every(({ kind }) => kind === 'stored'))
    const readings = await session.read(values)
    assert.ok(readings.every(({ entry }, index) => textOf(entry) === `v${index}`))
    const { found } = await session.invalidate({ kind: 'keys', keys: values, mode: 'delete' })
    assert.ok(found.length === 1_000 && found.every(Boolean))
  }),

  sharedCase('a key that stands twice in a batch is answered twice', async (tier) => {
    const { session } = tier
    await session.set([sharedValue('k', 'one'), sharedValue('k', 'two')])
    const readings = await session.read([keyOf('k'), keyOf('x'), keyOf('k')])
    assert.deepEqual(
      readings.map(({ entry }) => textOf(entry)),
      ['two', undefined, 'two'],
    )
    assert.equal((await session.usage()).entries, 1)
  }),

  sharedCase('a key that is claimed twice in a batch is granted once', async ({ session }) => {
    const requests = ['a', 'b', 'a'].map((token) => ({ ...keyOf('k'), token }))
    const claims = await session.claim(requests, { leaseMs: LEASE_MS })
    assert.deepEqual(
      claims.map(({ kind }) => kind),
      ['granted', 'wait', 'granted'],
    )
    const [first, , third] = claims
    assert.ok(first?.kind === 'granted' && third?.kind === 'granted')
    assert.equal(first.grant, third.grant)
  }),

  sharedCase('a key that is filled twice in a batch is stored once', async (tier) => {
    const lease = await tier.begin('k', 'a')
    const answers = await tier.session.fill(
      ['one', 'two'].map((text) => ({ ...sharedValue('k', text), ...lease })),
    )
    assert.deepEqual(
      answers.map(({ kind }) => kind),
      ['stored', 'refused'],
    )
    assert.equal(await tier.text('k'), 'one')
  }),

  sharedCase('one refused value of a batch does not keep the others out', async (tier) => {
    const ids = ['a', 'b', 'c']
    const leases = await Promise.all(ids.map((id) => tier.begin(id, `t-${id}`)))
    await tier.delete('b')
    const fills = leases.map((lease, index) => {
      const id = ids[index] ?? ''
      return { ...sharedValue(id, id), ...lease }
    })
    const answers = await tier.session.fill(fills)
    assert.deepEqual(
      answers.map(({ kind }) => kind),
      ['stored', 'refused', 'stored'],
    )
    await tier.beginIntent('b', 'w')
    const set = await tier.session.set(ids.map((id) => sharedValue(id, `${id}2`)))
    assert.deepEqual(
      set.map(({ kind }) => kind),
      ['stored', 'writing', 'stored'],
    )
    assert.equal(await tier.text('c'), 'c2')
  }),

  sharedCase('a step asked for nothing answers nothing and changes nothing', async (tier) => {
    const before = await tier.set('k', 'one')
    for (const step of EMPTY) assert.deepEqual(await step(tier), [])
    await tier.session.release([])
    const { found } = await tier.session.invalidate(keys('delete'))
    assert.deepEqual(found, [])
    assert.equal(await tier.text('k'), 'one')
    assert.equal((await tier.read('k')).epoch, before.epoch)
  }),

  sharedCase(
    'a scan finds each key of a collection once, page by page, and no other',
    async (tier) => {
      const ids = Array.from({ length: 25 }, (_, index) => `item:${index}`)
      await tier.session.set([...ids, 'items:1', 'plain'].map((id) => sharedValue(id, id)))
      for (const limit of [1, 7, 25, 1_000]) {
        assert.deepEqual(await scanAll(tier, 'item', limit), [...ids].sort(), `pages of ${limit}`)
      }
      assert.deepEqual(await scanAll(tier, '', 10), ['plain'])
      assert.deepEqual(await scanAll(tier, 'nothing', 10), [])
    },
  ),

  sharedCase('a scan leaves out what could not be served', async (tier) => {
    for (const id of ['item:1', 'item:2', 'item:3']) await tier.set(id, id, { tags: [id] })
    await tier.delete('item:1')
    await tier.session.invalidate({ kind: 'tags', tags: ['item:2'] })
    await tier.beginIntent('item:4', 'w')
    await tier.begin('item:5', 'a')
    assert.deepEqual(await scanAll(tier, 'item', 10), ['item:3'])
    await tier.session.invalidate({ kind: 'clear' })
    assert.deepEqual(await scanAll(tier, 'item', 10), [])
  }),

  sharedCase('usage adds up', async (tier) => {
    const { session } = tier
    const empty = await session.usage()
    assert.equal(empty.entries, 0)
    assert.ok(empty.bytes >= 0 && empty.maxBytes > 0)
    const values = Array.from({ length: 100 }, (_, index) =>
      sharedValue(`item:${index}`, '', { envelope: new Uint8Array(2_000) }),
    )
    await session.set(values)
    const full = await session.usage()
    assert.equal(full.entries, 100)
    assert.ok(full.bytes - empty.bytes >= 200_000, `${full.bytes - empty.bytes} bytes`)
    await session.set(values.slice(0, 50))
    assert.equal((await session.usage()).entries, 100)
    await session.invalidate({ kind: 'keys', keys: values.slice(10), mode: 'delete' })
    const less = await session.usage()
    assert.equal(less.entries, 10)
    assert.ok(less.bytes < full.bytes)
    assert.equal(less.maxBytes, empty.maxBytes)
  }),

  sharedCase(
    'sessions of one name share entries, leases, numbers and writes',
    async (tier, subject) => {
      const session = subject.open()
      await session.ready
      const other = new SharedSteps(session)
      await tier.set('k', 'one')
      assert.equal(await other.text('k'), 'one')
      assert.equal((await other.read('k')).epoch, (await tier.read('k')).epoch)
      assert.equal(await other.sequence(), await tier.sequence())
      await tier.begin('load', 'a')
      assert.equal((await other.claim('load', 'b')).kind, 'wait')
      await other.beginIntent('k', 'w')
      assert.equal((await tier.claim('k', 'a')).kind, 'writing')
      await session.close()
    },
  ),

  sharedCase('entries and numbers outlive the session that made them', async (tier, subject) => {
    const first = subject.open()
    await first.ready
    const { epoch, sequence } = await new SharedSteps(first).set('k', 'one')
    await first.close()
    const reading = await tier.read('k')
    assert.equal(textOf(reading.entry), 'one')
    assert.equal(reading.epoch, epoch)
    assert.ok(reading.sequence >= sequence)
  }),

  sharedCase(
    'a session can be closed twice, and its steps reject afterwards',
    async (_tier, subject) => {
      const session = subject.open()
      await session.ready
      await session.close()
      await session.close()
      await assert.rejects(() => session.read([keyOf('k')]), TierError)
      await assert.rejects(() => session.set([sharedValue('k', 'one')]), TierError)
    },
  ),
]
