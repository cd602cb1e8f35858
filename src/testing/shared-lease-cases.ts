/** The cases of `sharedTierSuite` about loads: who may load, and whose value is stored. */

import assert from 'node:assert/strict'
import type { TierError } from '../contracts/errors.ts'
import type { ClaimAnswer } from '../contracts/shared-tier.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { openSteps, sharedCase } from './shared-case.ts'
import { answersOf, keyOf, LEASE_MS, type Lease, sharedValue, textOf } from './shared-steps.ts'
import type { SharedTierSubject } from './shared-tier-subject.ts'

const kinds = <T extends { readonly kind: string }>(
  answers: readonly (T | TierError)[],
): readonly string[] => answersOf(answers).map(({ kind }) => kind)

const entryOf = (answer: ClaimAnswer): string | undefined =>
  answer.kind === 'writing' ? undefined : textOf(answer.entry)

const claims: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase(
    'the first claim of a missing key is granted, and others wait',
    async (tier, subject) => {
      const other = await openSteps(subject)
      const first = await tier.claim('a', 'first')
      assert.equal(first.kind, 'granted')
      assert.equal(entryOf(first), undefined)
      const second = await other.claim('a', 'second')
      assert.ok(second.kind === 'wait')
      assert.equal(second.entry, undefined)
      assert.ok(second.remainingMs > 0 && second.remainingMs <= LEASE_MS)
      assert.equal((await other.claim('b', 'second')).kind, 'granted')
    },
  ),
  sharedCase(
    'of many who claim a key at the same moment, one is granted',
    async (tier, subject) => {
      const sessions = [tier, await openSteps(subject), await openSteps(subject)]
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          sessions[index % 3]?.claim('a', `loader ${index}`),
        ),
      )
      assert.equal(answers.filter((answer) => answer?.kind === 'granted').length, 1)
      assert.equal(answers.filter((answer) => answer?.kind === 'wait').length, 29)
    },
  ),
  sharedCase(
    'asked again with the same token, a claim is answered the same',
    async (tier, subject) => {
      const lease = await tier.begin('a', 'loader')
      assert.deepEqual(await tier.begin('a', 'loader'), lease)
      assert.deepEqual(await (await openSteps(subject)).begin('a', 'loader'), lease)
      assert.equal((await tier.claim('a', 'other')).kind, 'wait')
      assert.equal((await tier.fill('a', 'one', lease)).kind, 'stored')
    },
  ),
  sharedCase(
    'a batch of claims is answered in order, also where an id stands twice',
    async (tier) => {
      await tier.set('there', 'one')
      const answers = await tier.session.claim(
        [
          { ...keyOf('a'), token: '1' },
          { ...keyOf('there'), token: '2' },
          { ...keyOf('a'), token: '3' },
          { ...keyOf('a'), token: '1' },
          { ...keyOf('b'), token: '1' },
        ],
        { leaseMs: LEASE_MS },
      )
      assert.deepEqual(kinds(answers), ['granted', 'fresh', 'wait', 'granted', 'granted'])
      const [first, , waiting, again] = answersOf(answers)
      assert.ok(first?.kind === 'granted' && again?.kind === 'granted' && waiting?.kind === 'wait')
      assert.equal(again.grant, first.grant)
      assert.equal(waiting.grant, first.grant)
    },
  ),
  sharedCase('a fresh entry is the answer to a claim, and no lease is granted', async (tier) => {
    await tier.set('a', 'one')
    const answer = await tier.claim('a', 'loader')
    assert.equal(answer.kind, 'fresh')
    assert.equal(entryOf(answer), 'one')
    assert.equal((await tier.claim('a', 'other', Number.POSITIVE_INFINITY)).kind, 'granted')
  }),
  sharedCase('a refresh is granted although the entry is fresh, to one at a time', async (tier) => {
    await tier.set('a', 'one')
    const first = await tier.claim('a', 'first', Number.POSITIVE_INFINITY)
    assert.equal(first.kind, 'granted')
    assert.equal(entryOf(first), 'one')
    const second = await tier.claim('a', 'second', Number.POSITIVE_INFINITY)
    assert.equal(second.kind, 'wait')
    assert.equal(entryOf(second), 'one')
    assert.equal((await tier.claim('a', 'reader')).kind, 'fresh')
    const again = await tier.claim('a', 'first', Number.POSITIVE_INFINITY)
    assert.ok(first.kind === 'granted' && again.kind === 'granted')
    assert.equal(again.grant, first.grant)
    const { epoch, grant } = first
    assert.equal((await tier.fill('a', 'two', { token: 'first', grant, epoch })).kind, 'stored')
    assert.equal(await tier.text('a'), 'two')
  }),
  sharedCase(
    'while one loads, an entry in grace is handed to it and to those who wait',
    async (tier, { advance }) => {
      await tier.set('a', 'old', { ttlMs: 1_000, graceMs: 50_000 })
      await advance(1_000)
      const first = await tier.claim('a', 'first')
      assert.equal(first.kind, 'granted')
      assert.equal(entryOf(first), 'old')
      const second = await tier.claim('a', 'second')
      assert.equal(second.kind, 'wait')
      assert.equal(entryOf(second), 'old')
    },
    ['settable-clock'],
  ),
  sharedCase(
    'a lease ends by itself when its time is over',
    async (tier, { advance }) => {
      await tier.begin('a', 'dead')
      await advance(LEASE_MS - 1)
      const waiting = await tier.claim('a', 'next')
      assert.ok(waiting.kind === 'wait')
      assert.equal(waiting.remainingMs, 1)
      await advance(1)
      await tier.begin('a', 'next')
      assert.equal((await tier.claim('a', 'dead')).kind, 'wait')
    },
    ['settable-clock'],
  ),
  sharedCase('a lease that is renewed lasts for so long from then on', async (tier) => {
    const [lease] = answersOf(
      await tier.session.claim([{ ...keyOf('a'), token: 'slow' }], { leaseMs: LEASE_MS / 5 }),
    )
    assert.ok(lease?.kind === 'granted')
    const { grant, epoch } = lease
    const remainingMs = async (): Promise<number> => {
      const answer = await tier.claim('a', 'next')
      return answer.kind === 'wait' ? answer.remainingMs : 0
    }
    await tier.renew('a', { token: 'next', grant })
    await tier.renew('a', { token: 'slow', grant: grant - 1 })
    assert.ok((await remainingMs()) <= LEASE_MS / 5)
    await tier.renew('a', { token: 'slow', grant })
    assert.ok((await remainingMs()) > LEASE_MS / 5)
    assert.ok((await remainingMs()) <= LEASE_MS)
    assert.equal((await tier.fill('a', 'one', { token: 'slow', grant, epoch })).kind, 'stored')
  }),
  ...['deleted', 'given back', 'taken by a write'].map((how) =>
    sharedCase(`a lease that is ${how} does not stand again when it is renewed`, async (tier) => {
      const lease = await tier.begin('a', 'slow')
      if (how === 'deleted') await tier.delete('a')
      else if (how === 'given back') await tier.release('a', lease.token, lease.grant)
      else await tier.beginIntent('a', 'writer')
      await tier.renew('a', lease)
      if (how === 'taken by a write') await tier.endIntent('a', 'writer')
      assert.equal((await tier.claim('a', 'next')).kind, 'granted')
      assert.equal((await tier.fill('a', 'old', lease)).kind, 'refused')
    }),
  ),
  sharedCase(
    'a lease that has run out does not stand again when it is renewed',
    async (tier, { advance }) => {
      const lease = await tier.begin('a', 'slow')
      await advance(LEASE_MS - 1)
      await tier.renew('a', lease)
      await advance(LEASE_MS - 1)
      assert.equal((await tier.claim('a', 'next')).kind, 'wait')
      await advance(1)
      await tier.renew('a', lease)
      assert.equal((await tier.claim('a', 'next')).kind, 'granted')
      assert.equal((await tier.fill('a', 'old', lease)).kind, 'refused')
    },
    ['settable-clock'],
  ),
]

const ahead: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase(
    'of an entry with more of its life left than was thought, no load is granted',
    async (tier) => {
      await tier.set('a', 'one', { ttlMs: 60_000 })
      const renewed = await tier.claim('a', 'first', 30_000)
      assert.equal(renewed.kind, 'fresh')
      assert.equal(entryOf(renewed), 'one')
      const due = await tier.claim('a', 'first', 60_000)
      assert.equal(due.kind, 'granted')
      assert.equal(entryOf(due), 'one')
      assert.equal((await tier.claim('a', 'second', 60_000)).kind, 'wait')
      assert.equal(await tier.text('a'), 'one')
    },
  ),
  sharedCase(
    'a load that finds nothing changed gives the entry a new life, and its own place',
    async (tier) => {
      await tier.set('a', 'one', { ttlMs: 30_000, graceMs: 0, tags: ['t'] })
      await tier.set('other', 'raises the sequence')
      const lease = await tier.begin('a', 'loader', Number.POSITIVE_INFINITY)
      const request = { ...keyOf('a'), ...lease, ttlMs: 60_000, graceMs: 5_000, tags: ['t'] }
      const [answer] = answersOf(await tier.session.fill([{ ...request, envelope: undefined }]))
      assert.equal(answer?.kind, 'stored')
      const [reading] = answersOf(await tier.session.read([keyOf('a')]))
      assert.ok(reading?.entry !== undefined)
      assert.equal(textOf(reading.entry), 'one')
      assert.equal(reading.entry.stamp, lease.grant)
      const { freshUntil, graceUntil } = reading.entry
      const leftMs = freshUntil - reading.serverNow
      assert.ok(leftMs > 50_000 && leftMs <= 60_000, `${leftMs} ms are left`)
      assert.equal(graceUntil - freshUntil, 5_000)
      assert.equal((await tier.claim('a', 'next', Number.POSITIVE_INFINITY)).kind, 'granted')
    },
  ),
  sharedCase('there is no new life for what is gone, was replaced, or lost a tag', async (tier) => {
    const renew = async (id: string, lease: Lease): Promise<string | undefined> => {
      const request = { ...keyOf(id), ...lease, ttlMs: 60_000, graceMs: 0, tags: ['t'] }
      const [answer] = answersOf(await tier.session.fill([{ ...request, envelope: undefined }]))
      return answer?.kind
    }
    const never = await tier.begin('never', 'loader', Number.POSITIVE_INFINITY)
    assert.equal(await renew('never', never), 'refused')
    assert.equal(await tier.text('never'), undefined)
    await tier.set('set', 'one', { tags: ['t'] })
    const set = await tier.begin('set', 'loader', Number.POSITIVE_INFINITY)
    await tier.set('set', 'two', { tags: ['t'] })
    assert.equal(await renew('set', set), 'refused')
    assert.equal(await tier.text('set'), 'two')
    await tier.set('tagged', 'one', { tags: ['t'] })
    const tagged = await tier.begin('tagged', 'loader', Number.POSITIVE_INFINITY)
    await tier.session.invalidate({ kind: 'tags', tags: ['t'], match: 'any', mode: 'delete' })
    assert.equal(await renew('tagged', tagged), 'refused')
    assert.equal(await tier.text('tagged'), undefined)
  }),
]

const fills: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase('a fill stores the value under the number of its load', async (tier) => {
    const lease = await tier.begin('a', 'loader')
    await tier.set('another', 'one')
    const options = { ttlMs: 5_000, graceMs: 700 }
    const answer = await tier.fill('a', 'loaded', lease, options)
    assert.equal(answer.kind, 'stored')
    const entry = await tier.entry('a')
    assert.equal(textOf(entry), 'loaded')
    assert.equal(entry?.epoch, lease.epoch)
    assert.equal(entry?.stamp, lease.grant)
    assert.equal(entry?.storedAt, answer.serverNow)
    assert.equal(entry?.freshUntil, answer.serverNow + 5_000)
    assert.equal(entry?.graceUntil, answer.serverNow + 5_700)
  }),
  sharedCase('one who waited finds the entry fresh after the fill', async (tier, subject) => {
    const other = await openSteps(subject)
    const lease = await tier.begin('a', 'loader')
    assert.equal((await other.claim('a', 'waiter')).kind, 'wait')
    await tier.fill('a', 'loaded', lease)
    const answer = await other.claim('a', 'waiter')
    assert.equal(answer.kind, 'fresh')
    assert.equal(entryOf(answer), 'loaded')
  }),
  sharedCase('a fill ends its lease, and a second one is refused', async (tier) => {
    const lease = await tier.begin('a', 'loader')
    await tier.fill('a', 'one', lease)
    assert.equal((await tier.fill('a', 'two', lease)).kind, 'refused')
    assert.equal(await tier.text('a'), 'one')
    assert.equal((await tier.claim('a', 'next', Number.POSITIVE_INFINITY)).kind, 'granted')
  }),
  sharedCase(
    'a fill without a life leaves nothing, unless something came between',
    async (tier) => {
      await tier.set('a', 'old')
      const from = await tier.moment()
      const nothing = { ttlMs: 0, graceMs: 0 }
      const lease = await tier.begin('a', 'remover', Number.POSITIVE_INFINITY)
      assert.equal((await tier.fill('a', '', lease, nothing)).kind, 'stored')
      assert.equal(await tier.entry('a'), undefined)
      assert.deepEqual((await tier.session.scan('', undefined, 10)).keys, [])
      // Nobody hears of it: it is no change.
      assert.equal((await tier.follow(from)).sequence, from.sequence)
      await tier.set('a', 'old')
      const late = await tier.begin('a', 'remover', Number.POSITIVE_INFINITY)
      await tier.set('a', 'new')
      assert.equal((await tier.fill('a', '', late, nothing)).kind, 'refused')
      assert.equal(await tier.text('a'), 'new')
    },
  ),
  sharedCase('a fill without a lease is refused', async (tier) => {
    const { epoch, grant } = await tier.begin('other', 'loader')
    assert.equal((await tier.fill('a', 'one', { token: 'loader', grant, epoch })).kind, 'refused')
    assert.equal(await tier.entry('a'), undefined)
  }),
  sharedCase("a fill with another's token or grant is refused and ends no lease", async (tier) => {
    const lease = await tier.begin('a', 'loader')
    const strange = [
      { ...lease, token: 'stranger' },
      { ...lease, grant: lease.grant - 1 },
      { ...lease, grant: lease.grant + 1 },
    ]
    for (const one of strange) assert.equal((await tier.fill('a', 'wrong', one)).kind, 'refused')
    assert.equal(await tier.entry('a'), undefined)
    assert.equal((await tier.claim('a', 'next')).kind, 'wait')
    assert.equal((await tier.fill('a', 'right', lease)).kind, 'stored')
  }),
  sharedCase('a fill of a load that began in another epoch is refused', async (tier) => {
    const lease = await tier.begin('a', 'loader')
    assert.equal((await tier.fill('a', 'one', { ...lease, epoch: 'another' })).kind, 'refused')
    assert.equal(await tier.entry('a'), undefined)
  }),
  sharedCase('a batch of fills is answered in order, and each lease stores once', async (tier) => {
    const a = await tier.begin('a', 'loader')
    const b = await tier.begin('b', 'loader')
    await tier.delete('b')
    const c = await tier.begin('c', 'loader')
    const answers = await tier.session.fill([
      { ...sharedValue('b', 'B'), ...b },
      { ...sharedValue('a', 'A'), ...a },
      { ...sharedValue('a', 'again'), ...a },
      { ...sharedValue('c', 'C'), ...c },
    ])
    assert.deepEqual(kinds(answers), ['refused', 'stored', 'refused', 'stored'])
    assert.deepEqual(
      [await tier.text('a'), await tier.text('b'), await tier.text('c')],
      ['A', undefined, 'C'],
    )
  }),
  sharedCase(
    'a fill by a lease whose time is over is refused, taken over or not',
    async (tier, { advance }) => {
      const slow = await tier.begin('a', 'slow')
      const alone = await tier.begin('b', 'alone')
      await advance(LEASE_MS)
      const quick = await tier.begin('a', 'quick')
      assert.equal((await tier.fill('a', 'slow', slow)).kind, 'refused')
      assert.equal((await tier.fill('b', 'alone', alone)).kind, 'refused')
      assert.equal((await tier.fill('a', 'quick', quick)).kind, 'stored')
      assert.equal((await tier.fill('a', 'slow', slow)).kind, 'refused')
      assert.equal(await tier.text('a'), 'quick')
      assert.equal(await tier.text('b'), undefined)
    },
    ['settable-clock'],
  ),
]

const ends: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase('a release lets the next one in at once', async (tier) => {
    const lease = await tier.begin('a', 'loader')
    await tier.release('a', 'loader')
    const next = await tier.begin('a', 'next')
    assert.equal((await tier.fill('a', 'old', lease)).kind, 'refused')
    assert.equal((await tier.fill('a', 'new', next)).kind, 'stored')
  }),
  sharedCase("a release of somebody else's lease does nothing", async (tier) => {
    const lease = await tier.begin('a', 'loader')
    await tier.session.release([
      { ...keyOf('a'), token: 'stranger' },
      { ...keyOf('none'), token: 'stranger' },
    ])
    assert.equal((await tier.claim('a', 'next')).kind, 'wait')
    assert.equal((await tier.fill('a', 'one', lease)).kind, 'stored')
  }),
  sharedCase('a release touches no entry and no other key', async (tier) => {
    await tier.set('a', 'one')
    await tier.claim('a', 'loader', Number.POSITIVE_INFINITY)
    const other = await tier.begin('b', 'loader')
    await tier.release('a', 'loader')
    assert.equal(await tier.text('a'), 'one')
    assert.equal((await tier.fill('b', 'one', other)).kind, 'stored')
  }),
  sharedCase(
    'a value that is set during a load is not overwritten by it',
    async (tier, subject) => {
      const other = await openSteps(subject)
      const lease = await tier.begin('a', 'loader')
      await other.set('a', 'set')
      assert.equal((await tier.fill('a', 'loaded', lease)).kind, 'refused')
      assert.equal(await tier.text('a'), 'set')
      assert.equal((await tier.claim('a', 'next', Number.POSITIVE_INFINITY)).kind, 'granted')
    },
  ),
  sharedCase('a token that lost its lease is granted under another number', async (tier) => {
    const first = await tier.begin('a', 'loader')
    await tier.delete('a')
    const second = await tier.begin('a', 'loader')
    assert.ok(second.grant > first.grant)
    assert.equal((await tier.fill('a', 'old', first)).kind, 'refused')
    assert.equal((await tier.fill('a', 'new', second)).kind, 'stored')
    assert.equal(await tier.text('a'), 'new')
  }),
]

export const sharedLeaseCases: readonly ConformanceCase<SharedTierSubject>[] = [
  ...claims,
  ...ahead,
  ...fills,
  ...ends,
]
