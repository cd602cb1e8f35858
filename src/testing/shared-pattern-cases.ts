/** The cases of `sharedTierSuite` about patterns: what they match is gone at once and swept later. */

import assert from 'node:assert/strict'
import type { Invalidation } from '../contracts/shared-tier.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { openSteps, sharedCase } from './shared-case.ts'
import { type SharedSteps, sharedValue, textKey } from './shared-steps.ts'
import type { SharedTierSubject } from './shared-tier-subject.ts'

const [APPLE, APRICOT, BANANA] = ['apple', 'apricot', 'banana'].map((text) =>
  textKey('fruit', text),
) as [string, string, string]
const OTHER = textKey('brand', 'apple')

function pattern(text: string, collection = 'fruit'): Invalidation {
  return { kind: 'pattern', collection, pattern: text }
}

/** Removes what the pattern under `number` matches, as many slices as it takes. */
async function sweep(tier: SharedSteps, number: number): Promise<number> {
  for (let slices = 1; slices < 10_000; slices += 1) {
    if (await tier.session.sweepPattern(tier.shard, number)) return slices
  }
  return assert.fail('a sweep comes to an end')
}

async function activeOf(tier: SharedSteps): Promise<readonly string[]> {
  const { changes } = await tier.follow()
  return changes.flatMap((one) => (one.kind === 'pattern' && one.active ? one.pattern : []))
}

export const sharedPatternCases: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase('a pattern takes the keys of its collection that match', async (tier, subject) => {
    const other = await openSteps(subject)
    for (const id of [APPLE, APRICOT, BANANA, OTHER]) await tier.set(id, 'old')
    await other.invalidate(pattern('ap*'))
    assert.deepEqual(await tier.texts(APPLE, APRICOT, BANANA, OTHER), [
      undefined,
      undefined,
      'old',
      'old',
    ])
    await tier.set(APPLE, 'new')
    assert.equal(await tier.text(APPLE), 'new')
  }),
  sharedCase('what is set after a pattern stays, also when it is swept', async (tier) => {
    for (const id of [APPLE, APRICOT, BANANA]) await tier.set(id, 'old')
    await tier.invalidate(pattern('ap*'))
    const { sequence } = await tier.moment()
    await tier.set(APPLE, 'new')
    await sweep(tier, sequence)
    assert.deepEqual(await tier.texts(APPLE, APRICOT, BANANA), ['new', undefined, 'old'])
    assert.equal((await tier.session.usage()).entries, 2)
  }),
  sharedCase('a pattern is active until it was swept, and known as ended after', async (tier) => {
    await tier.set(APPLE, 'old')
    await tier.invalidate(pattern('ap*'))
    const { sequence } = await tier.moment()
    assert.deepEqual(await activeOf(tier), ['ap*'])
    await sweep(tier, sequence)
    assert.deepEqual(await activeOf(tier), [])
    const { changes } = await tier.follow()
    const known = changes.filter(({ kind }) => kind === 'pattern')
    const ended = { collection: 'fruit', pattern: 'ap*', active: false, number: sequence }
    assert.deepEqual(known, [{ kind: 'pattern', ...ended }])
    assert.equal(await tier.sequence(), sequence)
  }),
  sharedCase(
    'a sweep of a pattern that has ended, or never was, has nothing to do',
    async (tier) => {
      assert.equal(await tier.session.sweepPattern(tier.shard, 1), true)
      await tier.set(APPLE, 'old')
      await tier.invalidate(pattern('ap*'))
      const { sequence } = await tier.moment()
      await sweep(tier, sequence)
      assert.equal(await tier.session.sweepPattern(tier.shard, sequence), true)
    },
  ),
  sharedCase(
    'any session may finish what another one has begun to sweep',
    async (tier, subject) => {
      const other = await openSteps(subject)
      const ids = Array.from({ length: 3_000 }, (_, index) => textKey('fruit', `k${index}`))
      for (let from = 0; from < ids.length; from += 1_000) {
        await tier.session.set(ids.slice(from, from + 1_000).map((id) => sharedValue(id, 'old')))
      }
      await tier.set(BANANA, 'old')
      await tier.invalidate(pattern('k*'))
      const { sequence } = await tier.moment()
      await tier.session.sweepPattern(tier.shard, sequence)
      await sweep(other, sequence)
      assert.equal((await tier.session.usage()).entries, 1)
      assert.equal(await tier.text(BANANA), 'old')
    },
  ),
  sharedCase('a load under way is not stored after a pattern, whatever its key', async (tier) => {
    const matched = await tier.begin(APPLE, 'loader')
    const other = await tier.begin(BANANA, 'loader')
    await tier.invalidate(pattern('ap*'))
    const { sequence } = await tier.moment()
    assert.equal((await tier.fill(APPLE, 'old', matched)).kind, 'refused')
    await sweep(tier, sequence)
    assert.equal((await tier.fill(BANANA, 'old', other)).kind, 'refused')
    const next = await tier.begin(APPLE, 'next')
    assert.equal((await tier.fill(APPLE, 'new', next)).kind, 'stored')
    assert.equal(await tier.text(APPLE), 'new')
  }),
  sharedCase('a pattern and its sweep end no writes', async (tier) => {
    await tier.beginIntent(APPLE, 'writer')
    await tier.invalidate(pattern('*'))
    await sweep(tier, await tier.sequence())
    assert.equal((await tier.claim(APPLE, 'loader')).kind, 'writing')
    assert.equal((await tier.endIntent(APPLE, 'writer')).kind, 'removed')
    assert.equal((await tier.claim(APPLE, 'loader')).kind, 'granted')
  }),
  sharedCase('a pattern looks at the text of a key, and at its whole', async (tier) => {
    const number = 'fruit:n2:42'
    const odd = textKey('fruit', 'a:s5:*')
    for (const id of [number, odd, APPLE]) await tier.set(id, 'old')
    await tier.invalidate(pattern('fruit*'))
    await tier.invalidate(pattern('s5*'))
    await tier.invalidate(pattern('appl'))
    assert.deepEqual(await tier.texts(number, odd, APPLE), ['old', 'old', 'old'])
    await tier.invalidate(pattern('4?'))
    await tier.invalidate(pattern('a:s5:\\*'))
    assert.deepEqual(await tier.texts(number, odd, APPLE), [undefined, undefined, 'old'])
  }),
  sharedCase('the same pattern again takes what was stored since', async (tier) => {
    await tier.set(APPLE, 'old')
    await tier.invalidate(pattern('ap*'))
    await sweep(tier, await tier.sequence())
    await tier.set(APPLE, 'new')
    await tier.invalidate(pattern('ap*'))
    assert.equal(await tier.text(APPLE), undefined)
    const { changes } = await tier.follow()
    assert.equal(changes.filter(({ kind }) => kind === 'pattern').length, 1)
    await sweep(tier, await tier.sequence())
    assert.deepEqual(await activeOf(tier), [])
  }),
  sharedCase('of more patterns than are kept, the oldest becomes a floor', async (tier) => {
    await tier.set(BANANA, 'old')
    await tier.invalidate(pattern('forgotten'))
    const { sequence } = await tier.moment()
    const since = textKey('fruit', 'since')
    await tier.set(since, 'old')
    for (let index = 0; index < 99; index += 1) await tier.invalidate(pattern(`p${index}`))
    assert.deepEqual(await tier.texts(BANANA, since), ['old', 'old'])
    assert.ok((await tier.follow()).floor < sequence)
    await tier.invalidate(pattern('one more'))
    assert.deepEqual(await tier.texts(BANANA, since), [undefined, 'old'])
    assert.equal((await tier.follow()).floor, sequence)
    assert.equal((await activeOf(tier)).length, 100)
  }),
]
