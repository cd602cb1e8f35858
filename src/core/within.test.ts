import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { within } from './within.ts'

function setup() {
  const clock = new FakeClock()
  const work = Promise.withResolvers<string>()
  const outcome = within(clock, 100, work.promise, () => new Error('late'))
  outcome.catch(() => {})
  return { clock, work, outcome }
}

describe('work with a budget', () => {
  test('settles as it does, and leaves no timer', async () => {
    const good = setup()
    good.work.resolve('done')
    expect(await good.outcome).toBe('done')
    const bad = setup()
    bad.work.reject(new Error('down'))
    await expect(bad.outcome).rejects.toThrow('down')
    expect([good.clock.timers, bad.clock.timers]).toEqual([0, 0])
  })

  test.each(['resolve', 'reject'] as const)(
    'that takes longer is late, and what it %ss with is dropped',
    async (settle) => {
      const { clock, work, outcome } = setup()
      await clock.advance(100)
      work[settle]('too late')
      await expect(outcome).rejects.toThrow('late')
      expect(clock.timers).toBe(0)
    },
  )
})
