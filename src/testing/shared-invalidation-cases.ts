/** The cases of `sharedTierSuite` about what makes entries unservable, one by one or many at once. */

import assert from 'node:assert/strict'
import { type SharedCase, sharedCase } from './shared-case.ts'
import { keys, LIFE_MS, SharedSteps, sharedValue } from './shared-steps.ts'

const TIMED = ['settable-clock']
const GRACE_MS = 30_000
/** More than a tier is asked to keep numbers for. */
const MANY_TAGS = 12_000

async function texts(tier: SharedSteps, ids: readonly string[]): Promise<readonly unknown[]> {
  return Promise.all(ids.map((id) => tier.text(id)))
}

export const sharedInvalidationCases: readonly SharedCase[] = [
  sharedCase(
    'a delete removes the keys named, and tells of each whether it was there',
    async (tier) => {
      await tier.session.set(['a', 'b', 'c'].map((id) => sharedValue(id, id)))
      const { found, moments } = await tier.session.invalidate(keys('delete', 'a', 'x', 'c'))
      assert.deepEqual(found, [true, false, true])
      assert.equal(moments.length, 1)
      assert.deepEqual(await texts(tier, ['a', 'b', 'c']), [undefined, 'b', undefined])
    },
  ),

  sharedCase('a delete does not find what could not have been served', async (tier) => {
    await tier.set('k', 'one', { tags: ['t'] })
    await tier.session.invalidate({ kind: 'tags', tags: ['t'] })
    assert.equal(await tier.delete('k'), false)
  }),

  sharedCase('each invalidation raises the number, also where there was nothing', async (tier) => {
    let last = await tier.sequence()
    for (const what of [
      keys('delete', 'nothing'),
      keys('expire', 'nothing'),
      { kind: 'tags', tags: ['nothing'] },
      { kind: 'collection', collection: 'nothing' },
      { kind: 'clear' },
    ] as const) {
      const { moments } = await tier.session.invalidate(what)
      const sequence = moments[0]?.sequence ?? 0
      assert.ok(sequence > last, `${what.kind}: ${sequence} after ${last}`)
      last = sequence
    }
    assert.equal(await tier.sequence(), last)
  }),

  sharedCase('a removed tag takes every entry that carries it, in any collection', async (tier) => {
    await tier.set('product:1', 'p1', { tags: ['red', 'shop'] })
    await tier.set('product:2', 'p2', { tags: ['blue'] })
    await tier.set('page', 'p', { tags: ['other', 'red'] })
    await tier.set('bare', 'b')
    const { found } = await tier.session.invalidate({ kind: 'tags', tags: ['red', 'green'] })
    assert.deepEqual(found, [])
    assert.deepEqual(await texts(tier, ['product:1', 'product:2', 'page', 'bare']), [
      undefined,
      'p2',
      undefined,
      'b',
    ])
  }),

  sharedCase('a tag that was removed can be carried again', async (tier) => {
    await tier.session.invalidate({ kind: 'tags', tags: ['t'] })
    await tier.set('k', 'one', { tags: ['t'] })
    assert.equal(await tier.text('k'), 'one')
    await tier.session.invalidate({ kind: 'tags', tags: ['t'] })
    assert.equal(await tier.text('k'), undefined)
  }),

  sharedCase(
    'tags of hostile names are told apart from each other and from collections',
    async (tier) => {
      const tags = [
        '__proto__',
        'constructor',
        'product',
        'a b',
        'a\nb',
        'caf\u00e9',
        'cafe\u0301',
        'nul\u0000a',
        'nul\u0000b',
        '%',
        '*',
        ' ',
        'c:x',
      ]
      await tier.session.set(
        tags.map((tag, index) => sharedValue(`product:${index}`, tag, { tags: [tag] })),
      )
      for (const [index, tag] of tags.entries()) {
        await tier.session.invalidate({ kind: 'tags', tags: [tag] })
        assert.equal(
          await tier.text(`product:${index}`),
          undefined,
          `the tag ${JSON.stringify(tag)}`,
        )
        const next = tags[index + 1]
        if (next !== undefined) assert.equal(await tier.text(`product:${index + 1}`), next)
      }
    },
  ),

  sharedCase('a removed tag stays removed, however many are removed after it', async (tier) => {
    await tier.set('tagged', 'one', { tags: ['first'] })
    await tier.set('bare', 'two')
    await tier.session.invalidate({ kind: 'tags', tags: ['first'] })
    for (let from = 0; from < MANY_TAGS; from += 1_000) {
      const tags = Array.from({ length: 1_000 }, (_, index) => `tag-${from + index}`)
      await tier.session.invalidate({ kind: 'tags', tags })
    }
    assert.equal(await tier.text('tagged'), undefined)
    assert.equal(await tier.text('bare'), 'two')
    await tier.set('later', 'three', { tags: ['first'] })
    assert.equal(await tier.text('later'), 'three')
  }),

  sharedCase('what was invalidated is not served in grace either', async (tier) => {
    const graced = { graceMs: GRACE_MS, tags: ['t'] }
    await tier.set('k', 'one', graced)
    await tier.session.invalidate({ kind: 'tags', tags: ['t'] })
    const granted = await tier.claim('k', 'a')
    assert.ok(granted.kind === 'granted')
    assert.equal(granted.entry, undefined)
    const waiting = await tier.claim('k', 'b')
    assert.ok(waiting.kind === 'wait')
    assert.equal(waiting.entry, undefined)
  }),

  sharedCase('a removed collection takes its own entries and no others', async (tier) => {
    await tier.session.set(['product:1', 'products:1', 'plain'].map((id) => sharedValue(id, id)))
    await tier.session.invalidate({ kind: 'collection', collection: 'product' })
    assert.deepEqual(await texts(tier, ['product:1', 'products:1', 'plain']), [
      undefined,
      'products:1',
      'plain',
    ])
    await tier.session.invalidate({ kind: 'collection', collection: '' })
    assert.deepEqual(await texts(tier, ['products:1', 'plain']), ['products:1', undefined])
  }),

  sharedCase('a clear takes everything, and what is set afterwards is served', async (tier) => {
    await tier.set('product:1', 'one', { graceMs: GRACE_MS })
    await tier.set('plain', 'two')
    await tier.session.invalidate({ kind: 'clear' })
    assert.deepEqual(await texts(tier, ['product:1', 'plain']), [undefined, undefined])
    await tier.set('plain', 'three')
    assert.equal(await tier.text('plain'), 'three')
  }),

  sharedCase('caches of two names never meet', async (tier, subject) => {
    const session = subject.open('other')
    await session.ready
    const other = new SharedSteps(session)
    await tier.set('k', 'suite', { tags: ['t'] })
    assert.equal(await other.text('k'), undefined)
    await other.set('k', 'other', { tags: ['t'] })
    await other.begin('load', 'a')
    await other.session.invalidate({ kind: 'tags', tags: ['t'] })
    await other.session.invalidate({ kind: 'clear' })
    await other.beginIntent('k', 'writer')
    assert.equal(await tier.text('k'), 'suite')
    assert.equal((await tier.claim('load', 'b')).kind, 'granted')
    assert.deepEqual((await other.session.scan('', undefined, 10)).keys, [])
    await session.close()
  }),

  sharedCase('an expire ends freshness and leaves grace', async (tier) => {
    await tier.set('k', 'one', { graceMs: GRACE_MS })
    assert.equal(await tier.expire('k'), true)
    assert.equal(await tier.text('k'), 'one')
    const answer = await tier.claim('k', 'a')
    assert.ok(answer.kind === 'granted')
    assert.ok(answer.entry !== undefined && answer.entry.freshUntil <= answer.serverNow)
    assert.ok(answer.entry.graceUntil >= answer.serverNow + GRACE_MS - LIFE_MS / 2)
  }),

  sharedCase('an entry without grace is gone when it is expired', async (tier) => {
    await tier.set('k', 'one')
    assert.equal(await tier.expire('k'), true)
    assert.equal(await tier.text('k'), undefined)
    assert.equal(await tier.expire('k'), false)
  }),

  sharedCase(
    'an expire leaves what was in grace before as it was',
    async (tier, subject) => {
      await tier.set('k', 'one', { graceMs: GRACE_MS })
      await subject.advance(LIFE_MS + GRACE_MS - 1)
      const before = await tier.entry('k')
      assert.equal(await tier.expire('k'), true)
      const after = await tier.entry('k')
      assert.equal(after?.freshUntil, before?.freshUntil)
      assert.equal(after?.graceUntil, before?.graceUntil)
      await subject.advance(1)
      assert.equal(await tier.text('k'), undefined)
    },
    TIMED,
  ),
]
