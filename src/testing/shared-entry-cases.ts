/** The cases of `sharedTierSuite` about entries: what was stored, and for how long it is there. */

import assert from 'node:assert/strict'
import type { ConformanceCase } from './conformance-case.ts'
import { openSteps, sharedCase } from './shared-case.ts'
import {
  answersOf,
  keyOf,
  keys,
  LEASE_MS,
  LIFE_MS,
  sharedValue,
  tags,
  textOf,
} from './shared-steps.ts'
import type { SharedTierSubject } from './shared-tier-subject.ts'

/** Ids that break whoever builds statements, patterns, JSON or property names from them. */
const HOSTILE_IDS: readonly string[] = [
  ' ',
  'a',
  'A',
  'a ',
  'é',
  'e\u0301',
  'line\nbreak',
  'a\r\nSET x 1\r\n',
  '\u0000',
  'a\u0000b',
  '__proto__',
  'constructor',
  '*',
  '[a-z]',
  '{tag}',
  '%',
  '_',
  '\\',
  '"',
  "'; DROP TABLE entries; --",
  '["a"]',
  'null',
  '0',
  '00',
  'ключ',
  '🦅',
  '\uffff',
  'x'.repeat(8192),
  `${'x'.repeat(8191)}y`,
]

const TWO_DAYS_MS = 2 * 86_400_000

const contents: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase('a value that was set is read by every session of its name', async (tier, subject) => {
    const other = await openSteps(subject)
    assert.equal(await other.text('a'), undefined)
    const answer = await tier.set('a', 'one')
    assert.equal(answer.kind, 'stored')
    assert.equal(await tier.text('a'), 'one')
    assert.equal(await other.text('a'), 'one')
  }),
  sharedCase('a set replaces the value, the times and the tags of an entry', async (tier) => {
    await tier.set('a', 'old', { ttlMs: 1_000, graceMs: 5_000, tags: ['red'] })
    await tier.set('a', 'new', { ttlMs: 2_000, graceMs: 0, tags: ['blue'] })
    await tier.invalidate(tags('red'))
    const entry = await tier.entry('a')
    assert.equal(textOf(entry), 'new')
    assert.equal((entry?.freshUntil ?? 0) - (entry?.storedAt ?? 0), 2_000)
    assert.equal(entry?.graceUntil, entry?.freshUntil)
    await tier.invalidate(tags('blue'))
    assert.equal(await tier.entry('a'), undefined)
  }),
  sharedCase('a batch is answered in order, also where an id stands twice', async (tier) => {
    await tier.session.set([sharedValue('a', 'A'), sharedValue('b', 'B')])
    const readings = answersOf(await tier.session.read(['b', 'none', 'a', 'b', 'none'].map(keyOf)))
    assert.deepEqual(
      readings.map(({ entry }) => textOf(entry)),
      ['B', undefined, 'A', 'B', undefined],
    )
  }),
  sharedCase('of one key twice in a batch of sets, the last wins', async (tier) => {
    const answers = await tier.session.set([
      sharedValue('a', 'one'),
      sharedValue('b', 'B'),
      sharedValue('a', 'two'),
    ])
    assert.deepEqual(
      answersOf(answers).map(({ kind }) => kind),
      ['stored', 'stored', 'stored'],
    )
    assert.equal(await tier.text('a'), 'two')
    assert.equal((await tier.session.usage()).entries, 2)
  }),
  sharedCase('a batch of nothing is answered by nothing', async ({ session }) => {
    assert.deepEqual(await session.read([]), [])
    assert.deepEqual(await session.claim([], { leaseMs: LEASE_MS }), [])
    assert.deepEqual(await session.fill([]), [])
    assert.deepEqual(await session.set([]), [])
    assert.deepEqual(await session.touch([]), [])
    assert.deepEqual(await session.beginIntent([]), [])
    assert.deepEqual(await session.endIntent([]), [])
    await session.release([])
    await session.invalidate(tags())
  }),
  sharedCase('an id is text and nothing more, whatever characters it has', async (tier) => {
    const values = HOSTILE_IDS.map((id, index) => sharedValue(id, `${index}`))
    await tier.session.set(values)
    const readings = await tier.session.read(HOSTILE_IDS.map(keyOf))
    assert.deepEqual(
      answersOf(readings).map(({ entry }) => textOf(entry)),
      HOSTILE_IDS.map((_, index) => `${index}`),
    )
    for (const [index, id] of HOSTILE_IDS.entries()) {
      const lease = await tier.claim(id, 'loader', Number.POSITIVE_INFINITY)
      assert.ok(lease.kind === 'granted' && textOf(lease.entry) === `${index}`)
      assert.equal(await tier.delete(id), true)
      assert.equal(await tier.entry(id), undefined)
      await tier.beginIntent(id, 'writer')
      assert.equal((await tier.claim(id, 'loader')).kind, 'writing')
      await tier.endIntent(id, 'writer')
      assert.equal((await tier.claim(id, 'loader')).kind, 'granted')
    }
    assert.equal((await tier.session.usage()).entries, 0)
  }),
  sharedCase('a thousand keys are one batch, for every step', async ({ session }) => {
    const values = Array.from({ length: 1_000 }, (_, index) => sharedValue(`item:${index}`, 'one'))
    const stored = answersOf(await session.set(values))
    assert.ok(stored.length === 1_000 && stored.every(({ kind }) => kind === 'stored'))
    const requests = values.map(({ id }) => {
      return { ...keyOf(id), token: 'one', tags: [], begun: undefined }
    })
    const claims = answersOf(await session.claim(requests, { leaseMs: LEASE_MS }))
    assert.ok(claims.length === 1_000 && claims.every(({ kind }) => kind === 'fresh'))
    const { found } = await session.invalidate(keys('delete', ...values.map(({ id }) => id)))
    assert.ok(found.length === 1_000 && found.every(Boolean))
    await session.beginIntent(requests.map((one) => ({ ...one, deadlineMs: LEASE_MS })))
    const masked = answersOf(await session.set(values))
    assert.ok(masked.every(({ kind }) => kind === 'writing'))
    await session.endIntent(requests)
    assert.ok(answersOf(await session.set(values)).every(({ kind }) => kind === 'stored'))
  }),
  sharedCase('bytes come back exactly as they were, none and a million', async (tier) => {
    const envelopes = [
      new Uint8Array(0),
      Uint8Array.from({ length: 256 }, (_, byte) => byte),
      Uint8Array.from({ length: 2 ** 20 }, (_, index) => (index * 7919) >>> 3),
    ]
    for (const [index, envelope] of envelopes.entries()) {
      await tier.set(`set ${index}`, '', { envelope })
      const lease = await tier.begin(`filled ${index}`, 'loader')
      await tier.fill(`filled ${index}`, '', lease, { envelope })
      for (const id of [`set ${index}`, `filled ${index}`]) {
        const found = (await tier.entry(id))?.envelope
        assert.ok(found !== undefined && Buffer.compare(found, envelope) === 0, id)
      }
    }
  }),
  sharedCase('of bytes that are part of a larger buffer, only the part is stored', async (tier) => {
    const whole = Uint8Array.from({ length: 300 }, (_, index) => index)
    await tier.set('a', '', { envelope: whole.subarray(10, 13) })
    const found = await tier.entry('a')
    assert.deepEqual([...(found?.envelope ?? [])], [10, 11, 12])
  }),
]

const times: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase("an entry's times and number are those of the step that stored it", async (tier) => {
    const answer = await tier.set('a', 'one', { ttlMs: 5_333.5, graceMs: 700 })
    const entry = await tier.entry('a')
    assert.ok(entry !== undefined)
    assert.equal(entry.storedAt, answer.serverNow)
    assert.equal(entry.freshUntil, answer.serverNow + 5_333.5)
    assert.equal(entry.graceUntil, answer.serverNow + 5_333.5 + 700)
    assert.equal(entry.epoch, answer.epoch)
    assert.equal(entry.stamp, answer.sequence)
  }),
  sharedCase('a life and a grace without end come back without end', async (tier) => {
    const endless = Number.POSITIVE_INFINITY
    await tier.set('life', 'one', { ttlMs: endless, graceMs: 0 })
    await tier.set('grace', 'one', { ttlMs: 1_000, graceMs: endless })
    const life = await tier.entry('life')
    assert.equal(life?.freshUntil, endless)
    assert.equal(life?.graceUntil, endless)
    const grace = await tier.entry('grace')
    assert.equal(grace?.freshUntil, (grace?.storedAt ?? 0) + 1_000)
    assert.equal(grace?.graceUntil, endless)
    assert.equal((await tier.claim('life', 'loader')).kind, 'fresh')
  }),
  sharedCase(
    'an entry is fresh until its life is over, then in grace, then gone',
    async (tier, { advance }) => {
      await tier.set('a', 'one', { ttlMs: 5_000, graceMs: 3_000 })
      await advance(4_999)
      assert.equal((await tier.claim('a', 'early')).kind, 'fresh')
      await advance(1)
      const claim = await tier.claim('a', 'late')
      assert.ok(claim.kind === 'granted')
      assert.equal(textOf(claim.entry), 'one')
      await tier.release('a', 'late')
      await advance(2_999)
      assert.equal(await tier.text('a'), 'one')
      await advance(1)
      assert.equal(await tier.text('a'), undefined)
      const after = await tier.claim('a', 'after')
      assert.ok(after.kind === 'granted' && after.entry === undefined)
    },
    ['settable-clock'],
  ),
  sharedCase(
    'an entry without grace is gone when its life is over',
    async (tier, { advance }) => {
      await tier.set('a', 'one', { ttlMs: 5_000 })
      await advance(4_999)
      assert.equal(await tier.text('a'), 'one')
      await advance(1)
      assert.equal(await tier.text('a'), undefined)
    },
    ['settable-clock'],
  ),
  sharedCase(
    'what has no end is there after days, and what has one is not',
    async (tier, { advance }) => {
      const endless = Number.POSITIVE_INFINITY
      await tier.set('life', 'one', { ttlMs: endless })
      await tier.set('grace', 'one', { ttlMs: 1_000, graceMs: endless })
      await tier.set('neither', 'one', { ttlMs: 1_000, graceMs: TWO_DAYS_MS - 1_000 })
      await advance(TWO_DAYS_MS)
      assert.equal((await tier.claim('life', 'loader')).kind, 'fresh')
      assert.equal((await tier.claim('grace', 'loader')).kind, 'granted')
      assert.equal(await tier.text('grace'), 'one')
      assert.equal(await tier.text('neither'), undefined)
    },
    ['settable-clock'],
  ),
]

const touches: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase('a touch changes the times of an entry, and nothing else of it', async (tier) => {
    await tier.set('a', 'one', { tags: ['red'] })
    const before = await tier.entry('a')
    assert.ok(before !== undefined)
    const answer = await tier.touch('a', before, { ttlMs: 500_000, graceMs: 70 })
    assert.equal(answer.kind, 'touched')
    const after = await tier.entry('a')
    assert.equal(after?.freshUntil, answer.serverNow + 500_000)
    assert.equal(after?.graceUntil, answer.serverNow + 500_070)
    assert.equal(textOf(after), 'one')
    assert.deepEqual([after?.epoch, after?.stamp], [before.epoch, before.stamp])
    await tier.invalidate(tags('red'))
    assert.equal(await tier.entry('a'), undefined)
  }),
  sharedCase('a touch may give a life without end', async (tier) => {
    const { epoch, sequence: stamp } = await tier.set('a', 'one')
    const endless = { ttlMs: Number.POSITIVE_INFINITY, graceMs: 0 }
    assert.equal((await tier.touch('a', { epoch, stamp }, endless)).kind, 'touched')
    assert.equal((await tier.entry('a'))?.freshUntil, Number.POSITIVE_INFINITY)
  }),
  sharedCase('a touch of an entry that was replaced is gone and changes nothing', async (tier) => {
    const { epoch, sequence: stamp } = await tier.set('a', 'old')
    await tier.set('a', 'new')
    const before = await tier.entry('a')
    assert.equal((await tier.touch('a', { epoch, stamp }, ONE_MS)).kind, 'gone')
    assert.deepEqual(await tier.entry('a'), before)
  }),
  sharedCase('a touch of an entry of another epoch is gone', async (tier) => {
    const { sequence: stamp } = await tier.set('a', 'one')
    const before = await tier.entry('a')
    assert.equal((await tier.touch('a', { epoch: 'another', stamp }, ONE_MS)).kind, 'gone')
    assert.deepEqual(await tier.entry('a'), before)
  }),
  sharedCase('a touch never brings back what was made unservable', async (tier) => {
    const removals = [
      () => tier.delete('a:1'),
      () => tier.invalidate(tags('red')),
      () => tier.session.invalidate({ kind: 'collection', collection: 'a' }),
      () => tier.session.invalidate({ kind: 'clear' }),
      () => tier.beginIntent('a:1', 'writer'),
    ]
    for (const remove of removals) {
      const { epoch, sequence: stamp } = await tier.set('a:1', 'one', { tags: ['red'] })
      await remove()
      assert.equal((await tier.touch('a:1', { epoch, stamp })).kind, 'gone')
      assert.equal(await tier.entry('a:1'), undefined)
    }
  }),
  sharedCase('a batch of touches is answered in order', async (tier) => {
    const { epoch, sequence: stamp } = await tier.set('a', 'one')
    const life = { epoch, ttlMs: LIFE_MS, graceMs: 0 }
    const answers = await tier.session.touch([
      { ...keyOf('none'), ...life, stamp },
      { ...keyOf('a'), ...life, stamp },
      { ...keyOf('a'), ...life, stamp: stamp + 1 },
    ])
    assert.deepEqual(
      answersOf(answers).map(({ kind }) => kind),
      ['gone', 'touched', 'gone'],
    )
  }),
  sharedCase(
    'a touched entry lives from the touch on, also one that was in grace',
    async (tier, { advance }) => {
      const { epoch, sequence: stamp } = await tier.set('a', 'one', {
        ttlMs: 1_000,
        graceMs: 1_000,
      })
      await advance(1_500)
      await tier.touch('a', { epoch, stamp }, { ttlMs: 4_000, graceMs: 500 })
      await advance(3_999)
      assert.equal((await tier.claim('a', 'loader')).kind, 'fresh')
      await advance(1)
      assert.equal(await tier.text('a'), 'one')
      await advance(500)
      assert.equal(await tier.text('a'), undefined)
      assert.equal((await tier.touch('a', { epoch, stamp })).kind, 'gone')
      assert.equal(await tier.text('a'), undefined)
    },
    ['settable-clock'],
  ),
]

const ONE_MS = { ttlMs: 1, graceMs: 0 } as const

export const sharedEntryCases: readonly ConformanceCase<SharedTierSubject>[] = [
  ...contents,
  ...times,
  ...touches,
]
