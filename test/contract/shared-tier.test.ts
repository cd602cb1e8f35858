/** The suite of the shared tier, over every tier that needs no server. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Clock } from '../../src/contracts/clock.ts'
import type {
  SharedSession,
  SharedTier,
  SharedTierContext,
} from '../../src/contracts/shared-tier.ts'
import { memoryTier, SystemClock, SystemRandom } from '../../src/memory/index.ts'
import { MemoryLink, openMemory } from '../../src/memory/shared-memory-tier-link.ts'
import { ShardClient, type ShardLink } from '../../src/shard/index.ts'
import { sqliteTier } from '../../src/sqlite/index.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'
import { slowSteps } from '../../src/testing/shared-slow-steps.ts'
import type { SharedTierSubject } from '../../src/testing/shared-tier-subject.ts'
import { sharedTierSuite } from '../../src/testing/shared-tier-suite.ts'

interface Implementation {
  readonly name: string
  /** What it can of the abilities that the contract leaves open. */
  readonly has: readonly string[]
  make(): Subject
}

type Subject = SharedTierSubject & AsyncDisposable
type OpenLink = (context: SharedTierContext) => ShardLink

const IMPLEMENTATIONS: readonly Implementation[] = [
  {
    name: 'memory',
    has: ['settable-clock', 'exact-hints', 'queues'],
    make: () => onFakeClock(memoryTier()),
  },
  {
    name: 'memory, three shards',
    has: ['settable-clock', 'exact-hints', 'slow-steps', 'queues'],
    make: () => {
      const memories = new Map<string, ReturnType<typeof openMemory>>()
      return onFakeClock(
        ofLinks((context) => {
          const memory = memories.get(context.name) ?? openMemory(100_000_000, 3)
          memories.set(context.name, memory)
          return new MemoryLink(memory, context)
        }),
      )
    },
  },
  {
    name: 'sqlite, inline',
    has: ['settable-clock', 'queues'],
    make: () => inFolder((path) => onFakeClock(sqliteTier(path, { thread: 'inline' }))),
  },
  // The worker takes the time from its machine.
  {
    name: 'sqlite, worker',
    has: ['queues'],
    make: () => inFolder((path) => onRealClock(sqliteTier(path))),
  },
]

/** A tier of which a request can be kept on its way. */
interface LinkTier extends SharedTier {
  openSlow(context: SharedTierContext): ReturnType<SharedTierSubject['openSlow']>
}

function ofLinks(openLink: OpenLink): LinkTier {
  const open = (link: ShardLink, { clock, random }: SharedTierContext): SharedSession =>
    new ShardClient({ link, clock, tier: 'memory', session: random.id() })
  return {
    kind: 'memory',
    open: (context) => open(openLink(context), context),
    openSlow(context) {
      const { contract, holdNext, letGo } = slowSteps(openLink(context))
      return { session: open(contract, context), holdNext, letGo }
    },
  }
}

function onFakeClock(tier: SharedTier | LinkTier): Subject {
  const clock = new FakeClock()
  return {
    ...subject(tier, clock, (ms) => clock.advance(ms)),
    heard: () => clock.settle(),
  }
}

function onRealClock(tier: SharedTier): Subject {
  return subject(tier, new SystemClock(), () =>
    Promise.reject(new Error('The clock of this tier cannot be moved.')),
  )
}

function subject(
  tier: SharedTier | LinkTier,
  clock: Clock,
  advance: SharedTierSubject['advance'],
): Subject {
  const sessions: SharedSession[] = []
  const contextOf = (name: string): SharedTierContext => {
    const instance = `instance ${sessions.length}`
    return { name, instance, clock, random: new SystemRandom(), report: () => {} }
  }
  return {
    judgesReads: true,
    open: (name = 'suite') => {
      const session = tier.open(contextOf(name))
      sessions.push(session)
      return session
    },
    openSlow: () => {
      if (!('openSlow' in tier)) throw new Error('Steps of this tier cannot be kept.')
      const slow = tier.openSlow(contextOf('suite'))
      sessions.push(slow.session)
      return slow
    },
    advance,
    heard: () => Promise.reject(new Error('This tier tells nothing as it happens.')),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(sessions.map((session) => session.close()))
    },
  }
}

function inFolder(make: (path: string) => Subject): Subject {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-contract-'))
  const made = make(join(folder, 'cache.db'))
  return {
    ...made,
    [Symbol.asyncDispose]: async () => {
      await made[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}

for (const { name, has, make } of IMPLEMENTATIONS) {
  const lacks = (needs: readonly string[]): boolean => needs.some((need) => !has.includes(need))
  const leftOut = sharedTierSuite.filter(({ needs }) => lacks(needs))
  if (leftOut.length > 0) {
    const lines = leftOut.map((one) => `  ${one.name} (needs ${one.needs.join(', ')})`)
    console.info(`The shared tier, ${name}, leaves out:\n${lines.join('\n')}`)
  }
  describe(`the shared tier, ${name}`, () => {
    for (const { name: title, needs, run } of sharedTierSuite) {
      if (lacks(needs)) continue
      test(title, async () => {
        await using made = make()
        await run(made)
      })
    }
  })
}

test('no two cases of the suite have one name', () => {
  const titles = sharedTierSuite.map(({ name }) => name)
  expect(new Set(titles).size).toBe(titles.length)
})
