/** The suite of the shared tier, over every tier there is. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Clock } from '../../src/contracts/clock.ts'
import type { SharedSession, SharedTier } from '../../src/contracts/shared-tier.ts'
import { memoryTier, SystemClock, SystemRandom } from '../../src/memory/index.ts'
import { sqliteTier } from '../../src/sqlite/index.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'
import type { SharedTierSubject } from '../../src/testing/shared-tier-subject.ts'
import { sharedTierSuite } from '../../src/testing/shared-tier-suite.ts'

interface Implementation {
  readonly name: string
  /** What it can of the abilities that the contract leaves open. */
  readonly has: readonly string[]
  make(): Subject
}

type Subject = SharedTierSubject & AsyncDisposable

const IMPLEMENTATIONS: readonly Implementation[] = [
  { name: 'memory', has: ['settable-clock'], make: () => onFakeClock(memoryTier()) },
  {
    name: 'sqlite, inline',
    has: ['settable-clock'],
    make: () => inFolder((path) => onFakeClock(sqliteTier(path, { thread: 'inline' }))),
  },
  // The worker takes the time from its machine.
  {
    name: 'sqlite, worker',
    has: [],
    make: () => inFolder((path) => onRealClock(sqliteTier(path))),
  },
]

function onFakeClock(tier: SharedTier): Subject {
  const clock = new FakeClock()
  return subject(tier, clock, (ms) => clock.advance(ms))
}

function onRealClock(tier: SharedTier): Subject {
  return subject(tier, new SystemClock(), () =>
    Promise.reject(new Error('The clock of this tier cannot be moved.')),
  )
}

function subject(tier: SharedTier, clock: Clock, advance: SharedTierSubject['advance']): Subject {
  const sessions: SharedSession[] = []
  return {
    open: (name = 'suite') => {
      const session = tier.open({ name, clock, random: new SystemRandom(), report: () => {} })
      sessions.push(session)
      return session
    },
    advance,
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
