import { expect, test } from 'vitest'
import type { Cache } from '../contracts/cache.ts'
import type { AuditReport } from '../contracts/usage.ts'
import { createCache } from '../create-cache.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { startAudits } from './audit-timer.ts'
import { Background } from './background.ts'
import type { Engine } from './engine.ts'

test('a cache is audited at the interval that was asked for, until it is closed', async () => {
  const clock = new FakeClock()
  const cache = createCache({ name: 'shop', auditEvery: '1m' }, { clock })
  let audits = 0
  cache.on('audit', () => {
    audits += 1
  })
  await clock.advance(59_999)
  expect(audits).toBe(0)
  await clock.advance(1)
  expect(audits).toBe(1)
  await clock.advance(120_000)
  expect(audits).toBe(3)
  await cache.close()
  await clock.advance(600_000)
  expect(audits).toBe(3)
})

test('a cache is not audited unless that is asked for', async () => {
  const clock = new FakeClock()
  const cache = createCache({ name: 'shop' }, { clock })
  cache.on('audit', () => expect.fail('nobody asked'))
  await clock.advance(86_400_000)
})

/** Audits that end when they are told to. */
function setup() {
  const clock = new FakeClock()
  const closing = new AbortController()
  const failures: unknown[] = []
  const background = new Background((reason, error) => failures.push([reason, error]))
  const engine = { clock, background, closing: closing.signal } as unknown as Engine
  const audits: PromiseWithResolvers<AuditReport>[] = []
  const cache: Pick<Cache, 'audit'> = {
    audit: () => {
      const audit = Promise.withResolvers<AuditReport>()
      audits.push(audit)
      return audit.promise
    },
  }
  startAudits({ engine, cache, everyMs: 1_000 })
  return { clock, closing, audits, failures, report: {} as AuditReport }
}

test('the next audit is counted from the end of the one before', async () => {
  const { clock, audits, report } = setup()
  await clock.advance(5_000)
  expect(audits).toHaveLength(1)
  audits[0]?.resolve(report)
  await clock.advance(999)
  expect(audits).toHaveLength(1)
  await clock.advance(1)
  expect(audits).toHaveLength(2)
})

test('an audit that fails is told of, and followed by the next', async () => {
  const { clock, audits, failures } = setup()
  await clock.advance(1_000)
  const error = new Error('it failed')
  audits[0]?.reject(error)
  await clock.advance(1_000)
  expect(audits).toHaveLength(2)
  expect(failures).toEqual([['audit', error]])
})

test('an audit that ends after the cache was closed is the last', async () => {
  const { clock, audits, closing, report } = setup()
  await clock.advance(1_000)
  closing.abort()
  audits[0]?.resolve(report)
  await clock.advance(10_000)
  expect(audits).toHaveLength(1)
  expect(clock.timers).toBe(0)
})
