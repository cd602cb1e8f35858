import { describe, expect, test } from 'vitest'
import type { CacheEvent } from '../contracts/events.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { InvalidationTelling } from './invalidation-telling.ts'

function setup() {
  const events: CacheEvent[] = []
  const scene = { isWanted: true }
  const telling = new InvalidationTelling({
    clock: new FakeClock(),
    report: (event) => events.push(event),
    isWanted: () => scene.isWanted,
  })
  return { events, scene, telling }
}

const KEYS = { kind: 'keys', ids: ['a:s1:x', 'a:s1:y', ':s1:z'], mode: 'delete' } as const

describe('an invalidation that is heard of', () => {
  test('is an event for each collection of its keys', () => {
    const { events, telling } = setup()
    telling.heard([KEYS], 'remote')
    const common = { type: 'invalidation', origin: 'remote', state: 'done', durationMs: 0 }
    expect(events).toEqual([
      { ...common, kind: 'keys', pattern: 'a:*', count: 2 },
      { ...common, kind: 'keys', pattern: '*', count: 1 },
    ])
    expect(telling.statistics).toMatchObject({ total: 3, remote: 3 })
  })

  test('is told in the words of the call that made it', () => {
    const { events, telling } = setup()
    telling.heard(
      [
        { ...KEYS, mode: 'expire', ids: ['a:s1:x'] },
        { kind: 'tag', tag: 't', mode: 'delete' },
        { kind: 'tag', tag: 't', mode: 'expire' },
        { kind: 'all-tags', tags: ['t', 'u'] },
        { kind: 'collection', collection: 'a' },
        { kind: 'pattern', collection: '', pattern: 'x*', active: true },
        { kind: 'floor' },
        { kind: 'bucket', bucket: 7 },
      ],
      'replayed',
    )
    const words = events.flatMap((event) =>
      event.type === 'invalidation' ? [[event.kind, event.pattern, event.count]] : [],
    )
    expect(words).toEqual([
      ['expire', 'a:*', 1],
      ['tags', '*', 1],
      ['expire', '*', 1],
      ['tags', '*', 2],
      ['collection', 'a:*', 1],
      ['pattern', '*', 1],
      ['clear', '*', 1],
      ['keys', '*', 1],
    ])
    expect(telling.statistics).toMatchObject({ total: 9, replayed: 9 })
  })

  test('is counted, and no event, where nobody listens', () => {
    const { events, scene, telling } = setup()
    scene.isWanted = false
    telling.heard([KEYS], 'remote')
    expect(events).toEqual([])
    expect(telling.statistics.remote).toBe(3)
  })
})

test('an invalidation of this process that is pending is counted, and has taken no time yet', () => {
  const { events, telling } = setup()
  const own = { kind: 'tags', pattern: '*', count: 2, durationMs: 9 } as const
  telling.own({ ...own, state: 'pending' })
  expect(telling.statistics).toMatchObject({ local: 2, latency: undefined })
  telling.own({ ...own, state: 'done' })
  expect(telling.statistics).toMatchObject({ local: 4, latency: { p50Ms: 9, p99Ms: 9 } })
  expect(events).toMatchObject([{ origin: 'local' }, { origin: 'local' }])
})
