/**
 * The cases of `sharedTierSuite` about what lies beside each other in a tier: names, collections,
 * sessions, and the numbers that they share.
 */

import assert from 'node:assert/strict'
import { TierError } from '../contracts/errors.ts'
import type { ShardMoment, SharedSession } from '../contracts/shared-tier.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { openSteps, sharedCase } from './shared-case.ts'
import { inQueue, QUEUE, QueueSteps } from './shared-queue-steps.ts'
import { keyOf, keys, LEASE_MS, LIFE_MS, SharedSteps, sharedValue, tags } from './shared-steps.ts'
import type { SharedTierSubject } from './shared-tier-subject.ts'

/** Every page of a scan. Ends also where the tier would not. */
async function scanAll(
  session: SharedSession,
  collection: string,
  limit: number,
): Promise<readonly string[]> {
  const found: string[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < 1_000; pages += 1) {
    const page = await session.scan(collection, cursor, limit)
    assert.ok(page.keys.length <= limit, `${page.keys.length} keys on a page of ${limit}`)
    found.push(...page.keys)
    cursor = page.cursor
    if (cursor === undefined) return found.sort()
  }
  return assert.fail('a scan comes to an end')
}

const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)

const names: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase('entries of two names never meet', async (tier, subject) => {
    const other = await openSteps(subject, 'suite2')
    await tier.set('product:1', 'tier', { tags: ['red'] })
    assert.equal(await other.entry('product:1'), undefined)
    await other.set('product:1', 'other', { tags: ['red'] })
    await other.invalidate(tags('red'))
    await other.session.invalidate({ kind: 'collection', collection: 'product' })
    await other.session.invalidate({ kind: 'clear' })
    assert.equal(await other.delete('product:1'), false)
    assert.equal(await tier.text('product:1'), 'tier')
    assert.deepEqual(await scanAll(other.session, 'product', 10), [])
    assert.deepEqual(await scanAll(tier.session, 'product', 10), ['product:1'])
  }),
  sharedCase('leases and intents of two names never meet', async (tier, subject) => {
    const other = await openSteps(subject, 'suite2')
    const lease = await tier.begin('a', 'loader')
    assert.equal((await other.claim('a', 'stranger')).kind, 'granted')
    await other.beginIntent('a', 'writer')
    await other.endIntent('a', 'writer')
    await other.beginIntent('b', 'writer')
    await other.session.invalidate({ kind: 'clear' })
    assert.equal((await tier.fill('a', 'one', lease)).kind, 'stored')
    assert.equal((await tier.set('b', 'one')).kind, 'stored')
  }),
  sharedCase('collections whose names begin alike never meet', async (tier) => {
    const ids = ['p:1', 'pr:1', 'product:1', 'products:1', 'Product:1', '__proto__:1', 'p']
    for (const id of ids) {
      await tier.session.set(ids.map((one) => sharedValue(one, one)))
      const { collection } = keyOf(id)
      assert.deepEqual(await scanAll(tier.session, collection, 10), [id])
      await tier.session.invalidate({ kind: 'collection', collection })
      const entries = await tier.entries(ids)
      assert.deepEqual(
        ids.filter((_, index) => entries[index] === undefined),
        [id],
      )
    }
  }),
  sharedCase('a collection and a tag of one name never meet', async (tier) => {
    await tier.set('red:1', 'one')
    await tier.set('a', 'one', { tags: ['red'] })
    await tier.invalidate(tags('red'))
    assert.equal(await tier.text('red:1'), 'one')
    await tier.set('a', 'one', { tags: ['red'] })
    await tier.session.invalidate({ kind: 'collection', collection: 'red' })
    assert.equal(await tier.text('a'), 'one')
  }),
]

const scans: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase('a scan pages through the keys of its collection, each once', async (tier) => {
    const products = numbered('product:', 25).sort()
    const plain = numbered('plain ', 7).sort()
    await tier.session.set(
      [...products, ...plain, ...numbered('order:', 30)].map((id) => sharedValue(id, id)),
    )
    for (const limit of [1, 7, 25, 1_000]) {
      assert.deepEqual(await scanAll(tier.session, 'product', limit), products)
    }
    assert.deepEqual(await scanAll(tier.session, '', 3), plain)
    assert.deepEqual(await scanAll(tier.session, 'nothing', 10), [])
  }),
  sharedCase('a scan lists what can be served, in grace too, and nothing else', async (tier) => {
    await tier.session.set(
      numbered('product:', 6).map((id) => sharedValue(id, id, { graceMs: LIFE_MS })),
    )
    await tier.set('product:0', 'tagged', { tags: ['red'] })
    await tier.invalidate(tags('red'))
    await tier.session.invalidate(keys('delete', 'product:1'))
    await tier.session.invalidate(keys('expire', 'product:2'))
    await tier.beginIntent('product:3', 'writer')
    await tier.begin('product:9', 'loader')
    assert.deepEqual(await scanAll(tier.session, 'product', 2), [
      'product:2',
      'product:4',
      'product:5',
    ])
  }),
  sharedCase(
    'a scan lists keys whose write waits, as far as there is a value, and usage counts them',
    async (tier) => {
      const queue = new QueueSteps(tier)
      await tier.set(inQueue('1'), 'entry')
      for (const id of ['2', '3', '4', '5']) await queue.put(id, 'waits')
      await queue.put('2', 'again')
      await queue.put('4', '', { kind: 'remove' })
      await tier.set('user:1', 'other')
      for (const limit of [1, 2, 100]) {
        assert.deepEqual(
          await scanAll(tier.session, QUEUE, limit),
          ['1', '2', '3', '5'].map(inQueue),
        )
      }
      const { entries, bytes } = await tier.session.usage()
      assert.equal(entries, 6)
      assert.ok(bytes > 0)
    },
    ['queues'],
  ),
  sharedCase('a scan lists any key there is, as it was stored', async (tier) => {
    const ids = [
      '__proto__',
      'line\nbreak',
      '\u0000',
      '\uffff',
      '🦅',
      '*',
      "'",
      'x'.repeat(8192),
    ].sort()
    await tier.session.set(ids.map((id) => sharedValue(id, 'one', { collection: 'odd' })))
    assert.deepEqual(await scanAll(tier.session, 'odd', 3), ids)
  }),
  sharedCase(
    'a scan does not list what has run out',
    async (tier, { advance }) => {
      await tier.set('product:1', 'short', { ttlMs: 1_000, graceMs: 1_000 })
      await tier.set('product:2', 'long')
      await advance(1_999)
      assert.deepEqual(await scanAll(tier.session, 'product', 10), ['product:1', 'product:2'])
      await advance(1)
      assert.deepEqual(await scanAll(tier.session, 'product', 10), ['product:2'])
    },
    ['settable-clock'],
  ),
]

const sessions: readonly ConformanceCase<SharedTierSubject>[] = [
  {
    name: 'sessions that open an empty tier at the same moment are all ready',
    needs: [],
    async run(subject) {
      const opened = Array.from({ length: 8 }, () => subject.open())
      await Promise.all(opened.map((session) => session.ready))
    },
  },
  sharedCase('usage counts entries and bytes, and comes back to nothing', async (tier, subject) => {
    const other = await openSteps(subject, 'suite2')
    const empty = await tier.session.usage()
    assert.deepEqual([empty.entries, empty.bytes], [0, 0])
    assert.ok(empty.maxBytes > 0)
    const ids = numbered('product:', 10)
    const envelope = new Uint8Array(50_000)
    await tier.session.set(ids.map((id) => sharedValue(id, '', { envelope })))
    const full = await tier.session.usage()
    assert.equal(full.entries, 10)
    assert.ok(full.bytes >= 500_000 && full.bytes <= 1_000_000, `${full.bytes} bytes`)
    await tier.set('product:0', 'small')
    const less = await tier.session.usage()
    assert.equal(less.entries, 10)
    assert.ok(less.bytes < full.bytes && less.bytes >= 450_000)
    assert.equal((await other.session.usage()).entries, 0)
    await tier.session.invalidate(keys('delete', ...ids))
    const none = await tier.session.usage()
    assert.deepEqual([none.entries, none.bytes], [0, 0])
  }),
  sharedCase(
    'a session is ready when it is open, and says how often to look',
    async (_, subject) => {
      const session = subject.open()
      assert.equal(await session.ready, undefined)
      assert.ok(session.waitPollMs > 0)
    },
  ),
  sharedCase('steps that are asked before a session is ready are answered', async (_, subject) => {
    const tier = new SharedSteps(subject.open(), subject)
    const [answer, text] = await Promise.all([tier.set('a', 'one'), tier.text('b')])
    assert.equal(answer.kind, 'stored')
    assert.equal(text, undefined)
  }),
  sharedCase('a closed session refuses every step, and the others go on', async (tier, subject) => {
    const { session } = await openSteps(subject)
    await tier.set('a', 'one')
    await session.close()
    await session.close()
    const steps: readonly (() => Promise<unknown>)[] = [
      () => session.read([keyOf('a')]),
      () => session.claim([{ ...keyOf('a'), token: 'loader' }], { leaseMs: LEASE_MS }),
      () => session.fill([{ ...sharedValue('a', 'no'), token: 'loader', grant: 1, epoch: 'none' }]),
      () => session.renewLeases([{ ...keyOf('a'), token: 'loader' }], { leaseMs: LEASE_MS }),
      () => session.release([{ ...keyOf('a'), token: 'loader' }]),
      () => session.set([sharedValue('a', 'no')]),
      () => session.touch([{ ...keyOf('a'), epoch: 'none', stamp: 1, ttlMs: 1, graceMs: 0 }]),
      () => session.invalidate({ kind: 'clear' }),
      () => session.beginIntent([{ ...keyOf('a'), token: 'writer', deadlineMs: 1_000, tags: [] }]),
      () => session.endIntent([{ ...keyOf('a'), token: 'writer', tags: [], begun: undefined }]),
      () => session.atomic([{ op: 'read', key: keyOf('a') }]),
      () => session.sweepPattern(tier.shard, 1),
      () => session.follow({ shard: tier.shard, epoch: undefined, cursor: 0, beat: true }),
      () => session.standings(tier.shard),
      () => session.locks.acquire({ names: ['a'], owner: 'one', ttlMs: 1_000 }),
      () => session.locks.renew({ names: ['a'], owner: 'one', ttlMs: 1_000 }),
      () => session.locks.release({ names: ['a'], owner: 'one' }),
      () => session.locks.remaining('a'),
      () => session.scan('', undefined, 10),
      () => session.usage(),
    ]
    for (const step of steps) await assert.rejects(step(), TierError)
    assert.equal(await tier.text('a'), 'one')
  }),
  sharedCase('entries outlive the sessions that stored them', async (tier, subject) => {
    await tier.set('a', 'one')
    await tier.session.close()
    const later = await openSteps(subject)
    assert.equal(await later.text('a'), 'one')
  }),
]

const numbers: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase(
    'every change raises the number of its shard, for all who look',
    async (tier, subject) => {
      const other = await openSteps(subject)
      await tier.set('a', 'one', { graceMs: LIFE_MS })
      const { session } = tier
      const changes: readonly (() => Promise<unknown>)[] = [
        () => tier.set('a', 'two', { graceMs: LIFE_MS }),
        () => tier.expire('a'),
        () => tier.delete('a'),
        () => tier.delete('nothing'),
        () => session.invalidate(tags('red')),
        () => session.invalidate({ kind: 'collection', collection: 'product' }),
        () => session.invalidate({ kind: 'clear' }),
        () => tier.beginIntent('a', 'writer'),
        () => tier.endIntent('a', 'writer'),
      ]
      for (const change of changes) {
        const { epoch, sequence } = await other.moment()
        await change()
        const after = await other.moment()
        assert.equal(after.epoch, epoch)
        assert.ok(after.sequence > sequence, String(change))
      }
    },
  ),
  sharedCase('a read changes nothing', async (tier, subject) => {
    await tier.set('a', 'one')
    const before = await tier.read('a')
    const { sequence } = await tier.moment()
    await (await openSteps(subject)).session.read(['a', 'none', 'a'].map(keyOf))
    await tier.session.scan('', undefined, 10)
    const after = await tier.read('a')
    assert.deepEqual([after.epoch, (await tier.moment()).sequence], [before.epoch, sequence])
    assert.deepEqual(after.entry, before.entry)
  }),
  sharedCase('numbers only grow within an epoch, whoever asks', async (tier, subject) => {
    const other = await openSteps(subject)
    let last: ShardMoment = await tier.moment()
    for (let turn = 0; turn < 20; turn += 1) {
      const steps = turn % 2 === 0 ? tier : other
      const claim = await steps.claim('a', `loader ${turn}`, Number.POSITIVE_INFINITY)
      assert.ok(claim.kind === 'granted' && claim.grant >= last.sequence)
      const fill = await steps.fill('a', 'one', { ...claim, token: `loader ${turn}` })
      const set = await steps.set('b', 'one')
      const { moments } = await steps.session.invalidate(keys('delete', 'b'))
      for (const moment of [claim, fill, set, ...moments]) {
        assert.equal(moment.epoch, last.epoch)
        assert.ok(moment.sequence >= last.sequence)
        assert.ok(moment.serverNow >= last.serverNow)
        last = moment
      }
    }
  }),
]

export const sharedKeyspaceCases: readonly ConformanceCase<SharedTierSubject>[] = [
  ...names,
  ...scans,
  ...sessions,
  ...numbers,
]
