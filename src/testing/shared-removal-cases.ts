/**
 * The cases of `sharedTierSuite` about removals: what they take, what they leave, and which running
 * loads they cut off.
 */

import assert from 'node:assert/strict'
import type { Invalidation } from '../contracts/shared-tier.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { openSteps, sharedCase } from './shared-case.ts'
import { keys, LIFE_MS, sharedValue, tags, textOf } from './shared-steps.ts'
import type { SharedTierSubject } from './shared-tier-subject.ts'

const HOSTILE_TAGS: readonly string[] = [
  ' ',
  'a',
  'A',
  'line\nbreak',
  '\u0000',
  '__proto__',
  'constructor',
  'toString',
  '*',
  '%',
  '"]',
  "'",
  'тег',
  '🦅',
  't:a',
  'x'.repeat(500),
]

/** More than any tier keeps the numbers of, by more than it may be late in forgetting. */
const MANY_TAGS = 10_400

const collection = (name: string): Invalidation => ({ kind: 'collection', collection: name })
const CLEAR: Invalidation = { kind: 'clear' }

const keyed: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase(
    'a delete removes its keys, and tells in order which were there',
    async (tier, subject) => {
      const other = await openSteps(subject)
      await tier.session.set([sharedValue('a', 'A'), sharedValue('b', 'B'), sharedValue('c', 'C')])
      const { found, moments } = await other.session.invalidate(keys('delete', 'c', 'none', 'a'))
      assert.deepEqual(found, [true, false, true])
      assert.ok(moments.length > 0)
      assert.deepEqual(await tier.texts('a', 'b', 'c'), [undefined, 'B', undefined])
      assert.equal(await tier.delete('a'), false)
    },
  ),
  sharedCase('what was made unservable before is not found by a delete', async (tier) => {
    await tier.set('a:1', 'one', { tags: ['red'] })
    await tier.session.invalidate(tags('red'))
    assert.equal(await tier.delete('a:1'), false)
    await tier.set('a:1', 'one')
    await tier.session.invalidate(collection('a'))
    assert.equal(await tier.expire('a:1'), false)
    assert.equal(await tier.entry('a:1'), undefined)
  }),
  sharedCase('a load that began before a delete is not stored', async (tier, subject) => {
    const other = await openSteps(subject)
    await tier.set('there', 'old')
    const refresh = await tier.begin('there', 'loader', Number.POSITIVE_INFINITY)
    const missing = await tier.begin('missing', 'loader')
    await other.session.invalidate(keys('delete', 'there', 'missing'))
    const { grant, epoch } = refresh
    const there = await tier.fill('there', 'old', { token: 'loader', grant, epoch })
    assert.equal(there.kind, 'refused')
    assert.equal((await tier.fill('missing', 'old', missing)).kind, 'refused')
    assert.deepEqual(await tier.texts('there', 'missing'), [undefined, undefined])
  }),
  sharedCase('after a delete the next one loads at once, and its value is stored', async (tier) => {
    const old = await tier.begin('a', 'old')
    await tier.delete('a')
    const lease = await tier.begin('a', 'new')
    assert.equal((await tier.fill('a', 'old', old)).kind, 'refused')
    assert.equal((await tier.fill('a', 'new', lease)).kind, 'stored')
    assert.equal(await tier.text('a'), 'new')
  }),
  sharedCase('a delete leaves no grace', async (tier) => {
    await tier.set('a', 'old', { graceMs: LIFE_MS })
    await tier.delete('a')
    const claim = await tier.claim('a', 'loader')
    assert.ok(claim.kind === 'granted' && claim.entry === undefined)
  }),
  sharedCase('an expired entry is in grace, and its running load is not stored', async (tier) => {
    await tier.set('a', 'old', { graceMs: LIFE_MS })
    const refresh = await tier.claim('a', 'slow', Number.POSITIVE_INFINITY)
    assert.ok(refresh.kind === 'granted')
    assert.equal(await tier.expire('a'), true)
    const reading = await tier.read('a')
    assert.equal(textOf(reading.entry), 'old')
    assert.ok((reading.entry?.freshUntil ?? 0) <= reading.serverNow)
    const claim = await tier.claim('a', 'quick')
    assert.ok(claim.kind === 'granted')
    assert.equal(textOf(claim.entry), 'old')
    const { grant, epoch } = refresh
    assert.equal((await tier.fill('a', 'slow', { token: 'slow', grant, epoch })).kind, 'refused')
    assert.equal((await tier.fill('a', 'quick', { ...claim, token: 'quick' })).kind, 'stored')
    assert.equal((await tier.claim('a', 'reader')).kind, 'fresh')
  }),
  sharedCase('a touch that was meant for the entry before it was expired is gone', async (tier) => {
    await tier.set('a', 'old', { graceMs: LIFE_MS })
    const seen = await tier.entry('a')
    assert.ok(seen !== undefined)
    await tier.expire('a')
    assert.equal((await tier.touch('a', seen)).kind, 'gone')
    assert.equal((await tier.claim('a', 'loader')).kind, 'granted')
  }),
  sharedCase('an entry without grace that is expired is gone', async (tier) => {
    await tier.set('a', 'old')
    assert.deepEqual((await tier.session.invalidate(keys('expire', 'none', 'a'))).found, [
      false,
      true,
    ])
    assert.equal(await tier.entry('a'), undefined)
  }),
  sharedCase('an entry without an end is not fresh after it was expired', async (tier) => {
    await tier.set('a', 'old', { ttlMs: Number.POSITIVE_INFINITY, graceMs: LIFE_MS })
    await tier.expire('a')
    assert.equal((await tier.claim('a', 'loader')).kind, 'granted')
  }),
  sharedCase(
    'the grace of an expired entry begins when it is expired, and only once',
    async (tier, { advance }) => {
      await tier.set('a', 'old', { ttlMs: 8_000, graceMs: 3_000 })
      await advance(2_000)
      await tier.expire('a')
      await advance(2_000)
      const before = await tier.entry('a')
      assert.equal(await tier.expire('a'), true)
      assert.deepEqual(await tier.entry('a'), before)
      await advance(999)
      assert.equal(await tier.text('a'), 'old')
      await advance(1)
      assert.equal(await tier.text('a'), undefined)
    },
    ['settable-clock'],
  ),
]

const tagged: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase('a tag takes its entries of all collections, and no others', async (tier, subject) => {
    const other = await openSteps(subject)
    await tier.session.set([
      sharedValue('a', 'A', { tags: ['red'] }),
      sharedValue('product:1', 'P', { tags: ['blue', 'red'] }),
      sharedValue('b', 'B', { tags: ['blue'] }),
      sharedValue('c', 'C'),
    ])
    await other.session.invalidate(tags('red'))
    assert.deepEqual(await tier.texts('a', 'product:1', 'b', 'c'), [undefined, undefined, 'B', 'C'])
    await tier.session.invalidate(tags('green', 'blue'))
    assert.deepEqual(await tier.texts('b', 'c'), [undefined, 'C'])
  }),
  sharedCase('what is set after its tag was removed is served', async (tier) => {
    await tier.session.invalidate(tags('red'))
    await tier.set('a', 'new', { tags: ['red'] })
    assert.equal(await tier.text('a'), 'new')
    await tier.session.invalidate(tags('red'))
    assert.equal(await tier.text('a'), undefined)
  }),
  sharedCase('a removed tag leaves no grace', async (tier) => {
    await tier.set('a', 'old', { graceMs: LIFE_MS, tags: ['red'] })
    await tier.session.invalidate(tags('red'))
    const claim = await tier.claim('a', 'loader')
    assert.ok(claim.kind === 'granted' && claim.entry === undefined)
  }),
  sharedCase('a load is not stored if one of its tags was removed since it began', async (tier) => {
    const red = await tier.begin('a', 'loader')
    const blue = await tier.begin('b', 'loader')
    await tier.session.invalidate(tags('red'))
    const stored = await tier.fill('b', 'B', blue, { tags: ['blue'] })
    const refused = await tier.fill('a', 'A', red, { tags: ['blue', 'red'] })
    assert.deepEqual([stored.kind, refused.kind], ['stored', 'refused'])
    assert.deepEqual(await tier.texts('a', 'b'), [undefined, 'B'])
    const again = await tier.begin('a', 'next')
    assert.equal((await tier.fill('a', 'A', again, { tags: ['red'] })).kind, 'stored')
  }),
  sharedCase('a loaded value goes with the tags that it was filled with', async (tier) => {
    const lease = await tier.begin('a', 'loader')
    await tier.fill('a', 'one', lease, { tags: ['red'] })
    await tier.session.invalidate(tags('red'))
    assert.equal(await tier.entry('a'), undefined)
  }),
  sharedCase('a tag is text and nothing more, whatever characters it has', async (tier) => {
    for (const tag of HOSTILE_TAGS) {
      await tier.set('a', 'A', { tags: [tag] })
      const others = HOSTILE_TAGS.filter((one) => one !== tag)
      await tier.set('b', 'B', { tags: others })
      await tier.session.invalidate(tags(tag))
      assert.deepEqual(await tier.texts('a', 'b'), [undefined, 'B'], JSON.stringify(tag))
    }
  }),
  sharedCase('each of 64 tags takes the entry', async (tier) => {
    const names = Array.from({ length: 64 }, (_, index) => `tag ${index}`)
    for (const name of names) {
      await tier.set('a', 'one', { tags: names })
      await tier.session.invalidate(tags(name))
      assert.equal(await tier.entry('a'), undefined, name)
    }
  }),
  sharedCase(
    'after very many tags were removed, older entries with tags are gone and others are not',
    async (tier) => {
      const names = Array.from({ length: MANY_TAGS }, (_, index) => `tag ${index}`)
      await tier.set('tagged', 'old', { tags: ['of its own'] })
      await tier.set('removed', 'old', { tags: ['tag 0'] })
      await tier.set('plain', 'old')
      const loading = await tier.begin('loading', 'loader')
      const loadingPlain = await tier.begin('loading plain', 'loader')
      for (let from = 0; from < MANY_TAGS; from += 100) {
        await tier.session.invalidate(tags(...names.slice(from, from + 100)))
      }
      assert.deepEqual(await tier.texts('tagged', 'removed', 'plain'), [
        undefined,
        undefined,
        'old',
      ])
      const late = await tier.fill('loading', 'old', loading, { tags: ['tag 1'] })
      assert.equal(late.kind, 'refused')
      assert.equal((await tier.fill('loading plain', 'one', loadingPlain)).kind, 'stored')
      await tier.set('tagged', 'new', { tags: ['tag 0'] })
      assert.equal(await tier.text('tagged'), 'new')
      await tier.session.invalidate(tags('tag 0'))
      assert.equal(await tier.text('tagged'), undefined)
    },
  ),
]

const whole: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase('removing a collection takes its entries, and no others', async (tier) => {
    await tier.session.set([
      sharedValue('product:1', 'P1'),
      sharedValue('product:2', 'P2', { graceMs: LIFE_MS }),
      sharedValue('order:1', 'O'),
      sharedValue('plain', 'one'),
    ])
    await tier.session.invalidate(collection('product'))
    assert.deepEqual(await tier.texts('product:1', 'product:2'), [undefined, undefined])
    assert.deepEqual(await tier.texts('order:1', 'plain'), ['O', 'one'])
    await tier.set('product:1', 'new')
    assert.equal(await tier.text('product:1'), 'new')
  }),
  sharedCase('removing the plain keys leaves the collections', async (tier) => {
    await tier.session.set([sharedValue('plain', 'one'), sharedValue('product:1', 'P')])
    await tier.session.invalidate(collection(''))
    assert.deepEqual(await tier.texts('plain', 'product:1'), [undefined, 'P'])
  }),
  sharedCase('clear takes everything, and what is set later is served', async (tier) => {
    await tier.session.set([
      sharedValue('plain', 'one', { graceMs: LIFE_MS }),
      sharedValue('product:1', 'P', { ttlMs: Number.POSITIVE_INFINITY, tags: ['red'] }),
    ])
    await tier.session.invalidate(CLEAR)
    assert.deepEqual(await tier.texts('plain', 'product:1'), [undefined, undefined])
    assert.equal(await tier.delete('plain'), false)
    await tier.set('product:1', 'new', { tags: ['red'] })
    assert.equal(await tier.text('product:1'), 'new')
  }),
  sharedCase('a load that began before its collection was removed is not stored', async (tier) => {
    const product = await tier.begin('product:1', 'loader')
    const order = await tier.begin('order:1', 'loader')
    await tier.session.invalidate(collection('product'))
    assert.equal((await tier.fill('product:1', 'old', product)).kind, 'refused')
    assert.equal((await tier.fill('order:1', 'one', order)).kind, 'stored')
    assert.deepEqual(await tier.texts('product:1', 'order:1'), [undefined, 'one'])
  }),
  sharedCase('a load that began before a clear is not stored', async (tier) => {
    const plain = await tier.begin('plain', 'loader')
    const product = await tier.begin('product:1', 'loader')
    await tier.session.invalidate(CLEAR)
    assert.equal((await tier.fill('plain', 'old', plain)).kind, 'refused')
    assert.equal((await tier.fill('product:1', 'old', product)).kind, 'refused')
    assert.deepEqual(await tier.texts('plain', 'product:1'), [undefined, undefined])
  }),
  sharedCase('nobody waits for a load that a clear has cut off', async (tier) => {
    for (const what of [collection('product'), CLEAR]) {
      const old = await tier.begin('product:1', 'old')
      await tier.session.invalidate(what)
      const lease = await tier.begin('product:1', 'new')
      assert.equal((await tier.fill('product:1', 'old', old)).kind, 'refused', what.kind)
      assert.equal((await tier.fill('product:1', 'new', lease)).kind, 'stored', what.kind)
      await tier.session.invalidate(what)
    }
  }),
  sharedCase('one who asks again after a clear is granted a number that stores', async (tier) => {
    for (const what of [collection('product'), CLEAR]) {
      const old = await tier.begin('product:1', 'loader')
      await tier.session.invalidate(what)
      const lease = await tier.begin('product:1', 'loader')
      assert.ok(lease.grant > old.grant)
      assert.equal((await tier.fill('product:1', 'old', old)).kind, 'refused', what.kind)
      assert.equal((await tier.fill('product:1', 'new', lease)).kind, 'stored', what.kind)
      await tier.session.invalidate(what)
    }
  }),
]

export const sharedRemovalCases: readonly ConformanceCase<SharedTierSubject>[] = [
  ...keyed,
  ...tagged,
  ...whole,
]
