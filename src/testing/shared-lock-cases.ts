/** The cases of `sharedTierSuite` about locks. */

import assert from 'node:assert/strict'
import type { SharedSession } from '../contracts/shared-tier.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { openListening, openSteps, sharedCase } from './shared-case.ts'
import type { SharedTierSubject } from './shared-tier-subject.ts'

const TTL_MS = 10_000

async function take(
  { locks }: SharedSession,
  owner: string,
  ...names: readonly string[]
): Promise<bigint> {
  const answer = await locks.acquire({ names, owner, ttlMs: TTL_MS })
  assert.ok(answer.kind === 'granted', `${names.join()} was answered ${answer.kind}`)
  return answer.token
}

async function isHeld({ locks }: SharedSession, name: string): Promise<boolean> {
  return (await locks.remaining(name)) !== undefined
}

const grants: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase('a lock is held by one at a time, until it is given back', async (tier, subject) => {
    const { session: other } = await openSteps(subject)
    const { session } = tier
    await take(session, 'one', 'a')
    const refused = await other.locks.acquire({ names: ['a'], owner: 'two', ttlMs: TTL_MS })
    assert.ok(refused.kind === 'held')
    assert.ok(refused.remainingMs > 0 && refused.remainingMs <= TTL_MS)
    await take(other, 'two', 'b')
    await session.locks.release({ names: ['a'], owner: 'one' })
    assert.equal(await isHeld(other, 'a'), false)
    await take(other, 'two', 'a')
  }),
  sharedCase('of many who ask at the same moment, one is granted', async (tier, subject) => {
    const sessions = [tier, await openSteps(subject), await openSteps(subject)]
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        sessions[index % 3]?.session.locks.acquire({
          names: ['a', 'b'],
          owner: `owner ${index}`,
          ttlMs: TTL_MS,
        }),
      ),
    )
    assert.equal(answers.filter((answer) => answer?.kind === 'granted').length, 1)
  }),
  sharedCase(
    'tokens grow with each grant, of any name, by whatever session',
    async (tier, subject) => {
      const { session: other } = await openSteps(subject)
      let last = 0n
      for (let turn = 0; turn < 20; turn += 1) {
        const session = turn % 2 === 0 ? tier.session : other
        const name = `lock ${turn % 3}`
        const token = await take(session, `owner ${turn}`, name)
        assert.ok(token > last)
        last = token
        await session.locks.release({ names: [name], owner: `owner ${turn}` })
      }
    },
  ),
  sharedCase('of several names, all are granted or none', async ({ session }) => {
    await take(session, 'one', 'b')
    const request = { names: ['a', 'b', 'c'], owner: 'two', ttlMs: TTL_MS }
    assert.equal((await session.locks.acquire(request)).kind, 'held')
    assert.deepEqual([await isHeld(session, 'a'), await isHeld(session, 'c')], [false, false])
    await session.locks.release({ names: ['b'], owner: 'one' })
    const token = await take(session, 'two', 'a', 'b', 'c')
    for (const name of request.names) assert.equal(await isHeld(session, name), true)
    assert.equal(await take(session, 'two', 'c', 'a', 'b'), token)
  }),
  sharedCase(
    'asked again by its owner, a grant that stands is answered again',
    async (tier, subject) => {
      const { session: other } = await openSteps(subject)
      const token = await take(tier.session, 'one', 'a')
      assert.equal(await take(other, 'one', 'a'), token)
      const wider = await take(other, 'one', 'a', 'b')
      assert.ok(wider > token)
    },
  ),
  sharedCase('locks of two names of caches never meet', async (tier, subject) => {
    const { session: other } = await openSteps(subject, 'suite2')
    await take(tier.session, 'one', 'a')
    await take(other, 'two', 'a')
    await other.locks.release({ names: ['a'], owner: 'two' })
    assert.equal(await isHeld(tier.session, 'a'), true)
  }),
  sharedCase('locks and entries never meet', async (tier) => {
    await take(tier.session, 'one', 'a')
    await tier.set('a', 'one')
    await tier.invalidate({ kind: 'clear' })
    assert.equal(await isHeld(tier.session, 'a'), true)
  }),
  sharedCase('a lock is text and nothing more, whatever characters it has', async ({ session }) => {
    const names = [' ', 'a', 'A', '\u0000', '__proto__', '*', '%', "'", '"]', 'замок', '🦅', '{x}']
    for (const [index, name] of names.entries()) await take(session, `owner ${index}`, name)
    for (const [index, name] of names.entries()) {
      await session.locks.release({ names, owner: `owner ${index}` })
      assert.equal(await isHeld(session, name), false, JSON.stringify(name))
      const next = names[index + 1]
      if (next !== undefined) assert.equal(await isHeld(session, next), true)
    }
  }),
]

const ends: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase("a release of somebody else's lock does nothing", async (tier, subject) => {
    const { session: other } = await openSteps(subject)
    await take(tier.session, 'one', 'a')
    await other.locks.release({ names: ['a', 'none'], owner: 'two' })
    assert.equal(await isHeld(tier.session, 'a'), true)
  }),
  sharedCase(
    'what an owner still holds is given back, and the rest left alone',
    async ({ session }) => {
      await take(session, 'one', 'a', 'b')
      await session.locks.release({ names: ['b'], owner: 'one' })
      await take(session, 'two', 'b')
      await session.locks.release({ names: ['a', 'b'], owner: 'one' })
      assert.deepEqual([await isHeld(session, 'a'), await isHeld(session, 'b')], [false, true])
    },
  ),
  sharedCase(
    'a renewal of what is not held is refused, and changes nothing',
    async ({ session }) => {
      const renewal = { names: ['a', 'b'], owner: 'one', ttlMs: 10 * TTL_MS }
      assert.equal(await session.locks.renew(renewal), false)
      await take(session, 'one', 'a')
      assert.equal(await session.locks.renew(renewal), false)
      await take(session, 'two', 'b')
      assert.equal(await session.locks.renew(renewal), false)
      assert.ok(((await session.locks.remaining('a')) ?? 0) <= TTL_MS)
      assert.ok(((await session.locks.remaining('b')) ?? 0) <= TTL_MS)
      assert.equal(await session.locks.remaining('none'), undefined)
    },
  ),
  sharedCase('a renewal gives a new expiry, and no new token', async ({ session }) => {
    const token = await take(session, 'one', 'a', 'b')
    const renewal = { names: ['a', 'b'], owner: 'one', ttlMs: 10 * TTL_MS }
    assert.equal(await session.locks.renew(renewal), true)
    assert.ok(((await session.locks.remaining('b')) ?? 0) > TTL_MS)
    assert.equal(await take(session, 'one', 'a', 'b'), token)
  }),
  sharedCase(
    'a lock ends by itself, and is then for the next',
    async ({ session }, { advance }) => {
      const first = await take(session, 'dead', 'a')
      await advance(TTL_MS - 1)
      assert.equal(await session.locks.remaining('a'), 1)
      const early = await session.locks.acquire({ names: ['a'], owner: 'next', ttlMs: TTL_MS })
      assert.deepEqual(early, { kind: 'held', remainingMs: 1 })
      await advance(1)
      assert.equal(await session.locks.remaining('a'), undefined)
      const renewal = { names: ['a'], owner: 'dead', ttlMs: TTL_MS }
      assert.equal(await session.locks.renew(renewal), false)
      assert.ok((await take(session, 'next', 'a')) > first)
      await session.locks.release({ names: ['a'], owner: 'dead' })
      assert.equal(await isHeld(session, 'a'), true)
    },
    ['settable-clock'],
  ),
  sharedCase(
    'who meets several held locks is told of the first that ends',
    async ({ session }, { advance }) => {
      await session.locks.acquire({ names: ['a'], owner: 'one', ttlMs: 5_000 })
      await session.locks.acquire({ names: ['b'], owner: 'two', ttlMs: 3_000 })
      await advance(1_000)
      const held = await session.locks.acquire({ names: ['a', 'b', 'c'], owner: 'x', ttlMs: 1 })
      assert.deepEqual(held, { kind: 'held', remainingMs: 2_000 })
    },
    ['settable-clock'],
  ),
  sharedCase(
    'locks that are given back are told by name, and others are not',
    async (tier, subject) => {
      const { signals } = await openListening(subject)
      await take(tier.session, 'one', 'a', 'b')
      await take(tier.session, 'two', 'c')
      await tier.session.locks.release({ names: ['a', 'c', 'none'], owner: 'one' })
      await tier.session.locks.release({ names: ['none'], owner: 'one' })
      await subject.heard()
      assert.deepEqual(signals, [{ kind: 'unlocked', names: ['a'] }])
    },
    ['exact-hints'],
  ),
]

export const sharedLockCases: readonly ConformanceCase<SharedTierSubject>[] = [...grants, ...ends]
