import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/index.ts'
import { LiveFeed } from './live-feed.ts'

function setup() {
  const clock = new FakeClock()
  const taken = { count: 0, fails: false }
  const feed = new LiveFeed({
    clock,
    figures: async () => {
      taken.count += 1
      if (taken.fails) throw Object.assign(new Error('secret'), { code: 'tier' })
      return { at: clock.now(), count: taken.count }
    },
  })
  const open = (stands: () => boolean = () => true) => {
    const reader = feed.open(stands).getReader()
    return async (): Promise<string | undefined> => {
      const { value } = await reader.read()
      return value && new TextDecoder().decode(value)
    }
  }
  return { clock, taken, feed, open }
}

describe('what is live', () => {
  test('is taken once a second for all who look, and not at all while nobody does', async () => {
    const { clock, taken, feed, open } = setup()
    await clock.advance(10_000)
    expect([taken.count, clock.timers]).toEqual([0, 0])

    const readers = Array.from({ length: 5 }, () => open())
    await clock.advance(3_500)
    expect(taken.count).toBe(4)
    for (const read of readers) {
      expect(await read()).toBe('retry: 1000\n\n')
      expect(await read()).toMatch(/^event: stats\ndata: \{"at":\d+,"count":4\}\n\n$/)
    }
    feed.close()
    expect([feed.connections, clock.timers]).toEqual([0, 0])
    expect(await readers[0]?.()).toBeUndefined()
  })

  test('is looked at by so many at once and no more', () => {
    const { feed, open } = setup()
    for (let n = 0; n < 32; n += 1) open()
    expect(() => open()).toThrow('At most 32')
    feed.close()
    expect(() => open()).toThrow()
  })

  test('ends within a second of the right to look', async () => {
    const { clock, feed, open } = setup()
    let stands = true
    const read = open(() => stands)
    await clock.advance(100)
    stands = false
    await clock.advance(1_000)
    expect(feed.connections).toBe(0)
    await read()
    expect(clock.timers).toBe(0)
  })

  test('tells each event to each reader, on one line, whatever stands in it', async () => {
    const { feed, open } = setup()
    feed.send('audit', { lost: true })
    const read = open()
    feed.send('invalidation', { pattern: 'a\n\nevent: forged\ndata: {}' })
    expect(await read()).toBe('retry: 1000\n\n')
    expect(await read()).toBe(
      'event: invalidation\ndata: {"pattern":"a\\n\\nevent: forged\\ndata: {}"}\n\n',
    )
    feed.close()
  })

  test('beats, so that proxies do not take it for dead', async () => {
    const { clock, feed, open } = setup()
    const read = open()
    await clock.advance(15_000)
    expect([await read(), await read()]).toEqual(['retry: 1000\n\n', ': still here\n\n'])
    feed.close()
  })

  test('says that there are no figures, and why, without the words of others', async () => {
    const { clock, taken, feed, open } = setup()
    taken.fails = true
    const read = open()
    await clock.advance(10)
    await read()
    expect(await read()).toBe('event: problem\ndata: {"error":"Error (tier)"}\n\n')
    feed.close()
  })
})
