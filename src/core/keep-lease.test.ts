import { expect, test } from 'vitest'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, type Fault } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

/** Two instances with all patience; a loader takes as long as it is told. */
function setup(plan: (operation: string) => Fault = () => ({ kind: 'none' })) {
  const clock = new FakeClock()
  const tier = memoryTier()
  const asked: string[] = []
  const shared = chaosTier(
    tier,
    (operation) => {
      asked.push(operation)
      return plan(operation)
    },
    clock,
  )
  const defaults = { timeouts: { hard: '40s' } } as const
  const options = { name: 'shop', logger: SILENT, defaults } as const
  const here = createCache({ ...options, shared }, { clock })
  const there = createCache({ ...options, shared: tier }, { clock })
  let loads = 0
  const taking = (seconds: number) => async (): Promise<string> => {
    loads += 1
    await new Promise<void>((resolve) => clock.schedule(seconds * 1_000, resolve))
    return 'built'
  }
  const renewals = (): number => asked.filter((one) => one === 'renewLeases').length
  return { clock, here, there, taking, loads: () => loads, renewals }
}

test.each([12, 59, 200])(
  'a load of %i s is the only one, and all have its value',
  async (seconds) => {
    const { clock, here, there, taking, loads } = setup()
    const patient = { timeouts: { hard: '4m' } } as const
    const first = here.getOrLoad('report', taking(seconds), patient)
    await clock.advance(seconds * 900)
    const joined = here.getOrLoad('report', taking(1), patient)
    const second = there.getOrLoad('report', taking(1), patient)
    expect(await clock.until(first)).toBe('built')
    expect(await joined).toBe('built')
    expect(await clock.until(second)).toBe('built')
    expect(await there.has('report')).toBe(true)
    expect(loads()).toBe(1)
  },
)

test('a lease is renewed while its load runs, and not for longer', async () => {
  const { clock, here, taking, renewals } = setup()
  const reading = here.getOrLoad('report', taking(14))
  await clock.advance(3_000)
  expect(renewals()).toBe(0)
  expect(await clock.until(reading)).toBe('built')
  expect(renewals()).toBe(4)
  await clock.advance(60_000)
  expect(renewals()).toBe(4)
})

test('a load that fails, or that is short, renews nothing', async () => {
  const { clock, here, taking, renewals } = setup()
  const fails = here.getOrLoad('a', () => Promise.reject(new Error('no')))
  await expect(fails).rejects.toThrow('no')
  expect(await clock.until(here.getOrLoad('b', taking(1)))).toBe('built')
  await clock.advance(60_000)
  expect(renewals()).toBe(0)
})

test('one renewal that is lost does not cost the lease', async () => {
  let lost = 0
  const { clock, here, there, taking } = setup((operation) => {
    if (operation !== 'renewLeases' || lost > 0) return { kind: 'none' }
    lost += 1
    return { kind: 'fail', error: new Error('the server is away') }
  })
  const reading = here.getOrLoad('report', taking(13))
  expect(await clock.until(reading)).toBe('built')
  expect(lost).toBe(1)
  expect(await there.has('report')).toBe(true)
})

test('a load that never settles does not hold the others up for ever', async () => {
  const { clock, here, there, taking, renewals } = setup()
  void here.getOrLoad('report', () => new Promise<string>(() => {})).catch(() => {})
  await clock.advance(75_000)
  expect(renewals()).toBe(17)
  expect(await clock.until(there.getOrLoad('report', taking(1)))).toBe('built')
  expect(await there.has('report')).toBe(true)
})

test('who has less time than the collection says loads in the second half of it', async () => {
  const { clock, here, there, taking, loads } = setup()
  void here.getOrLoad('report', taking(30)).catch(() => {})
  await clock.settle()
  const reading = there.getOrLoad('report', taking(0.5), { timeouts: { hard: '2s' } })
  expect(await clock.until(reading)).toBe('built')
  expect(loads()).toBe(2)
})

test('a load that goes on when its cache is closed has its lease renewed no more', async () => {
  const { clock, here, there, renewals } = setup()
  void here.getOrLoad('report', () => new Promise<string>(() => {})).catch(() => {})
  await clock.advance(4_000)
  expect(renewals()).toBe(1)
  await clock.until(here.close())
  await clock.until(there.close())
  expect(clock.timers).toBe(0)
  await clock.advance(20_000)
  expect(renewals()).toBe(1)
})

test('what is changed while it is loaded is not kept, however often its lease was renewed', async () => {
  const { clock, here, there, taking } = setup()
  const reading = here.getOrLoad('report', taking(12))
  await clock.advance(6_000)
  await there.delete('report')
  expect(await clock.until(reading)).toBe('built')
  expect(await here.has('report')).toBe(false)
})
