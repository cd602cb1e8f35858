import { describe, expect, test } from 'vitest'
import { createEnvelopeFormat } from '../codecs/envelope-format.ts'
import { jsonCodec } from '../codecs/json-codec.ts'
import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import { encodeKey } from '../keys/key-encoding.ts'
import { createMemoryTier } from '../memory/memory-tier.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { ChangesHeard } from './changes-heard.ts'
import { resolveCacheOptions } from './resolve-cache-options.ts'
import { createSpace, type Space } from './space.ts'
import { WakeCalls } from './wake-calls.ts'

/** Plain keys and one collection, each with a copy under the key `a` that knows changes up to 10. */
function setup(memoryOf: 'on' | 'off' = 'on') {
  const clock = new FakeClock()
  const { memory: bounds, entry, timeouts } = resolveCacheOptions({ name: 'shop' })
  if (bounds === undefined) throw new Error('the memory tier is on by default')
  const memory =
    memoryOf === 'on' ? createMemoryTier({ bounds, clock, report: () => {} }) : undefined
  const json = jsonCodec()
  const compressing = { compressors: [], compression: undefined, maxInflatedBytes: 1_000 }
  const spaces = new Map<string, Space>()
  for (const name of ['', 'thing']) {
    const space = createSpace({
      name,
      memory: memory?.space(name),
      idle: undefined,
      envelope: createEnvelopeFormat({ codecs: [json], write: json, clock, ...compressing }),
      options: entry,
      memoryTtlMs: 60_000,
      timeouts,
      schemaVersion: 0,
      migrate: undefined,
      schema: undefined,
      tagsOf: undefined,
      load: undefined,
      behind: false,
      versionOf: undefined,
      reads: undefined,
      heat: undefined,
      shardBy: undefined,
    })
    space.memory?.store('a', copy())
    spaces.set(name, space)
  }
  const leases = new WakeCalls(clock)
  const locks = new WakeCalls(clock)
  const told: string[] = []
  const states: string[] = []
  const closing = new AbortController()
  const changes = new ChangesHeard({
    clock,
    spaces,
    memory,
    leases,
    locks,
    report: (event) => {
      if (event.type !== 'connection') return
      told.push(event.state)
      states.push(event.state)
    },
    closing: closing.signal,
    answered: () => told.push('answered'),
    invalidated: (changes, origin) => told.push(`${changes.length} ${origin}`),
    renewed: (shard) => told.push(`renewed ${shard}`),
  })
  const space = (name: string): Space => spaces.get(name) as Space
  const held = (name: string, key: CacheKey = 'a'): MemoryEntry | undefined =>
    space(name).memory?.find(key, clock.monotonic())
  const idle = clock.timers
  /** Timers beside those of the memory tier. */
  const timers = (): number => clock.timers - idle
  return { clock, timers, changes, memory, leases, locks, told, states, closing, space, held }
}

const copy = (own: Partial<MemoryEntry> = {}): MemoryEntry => ({
  value: 'v',
  absent: false,
  servedUntil: 1_000,
  freshUntil: 1_000,
  aheadFrom: Number.POSITIVE_INFINITY,
  graceUntil: 1_500,
  createdAt: 0,
  ttlMs: 1_000,
  renewal: 'fixed',
  graceMs: 500,
  renewableUntil: Number.POSITIVE_INFINITY,
  stamp: 0,
  shared: { epoch: 'e', stamp: 10, asOf: 10, blind: false },
  tags: [],
  size: 1,
  priority: 'normal',
  loadMs: undefined,
  ...own,
})
const id = (collection: string, key: CacheKey): string => encodeKey(collection, key).id
const REMOVED = { number: 11, mode: 'delete' } as const
const EXPIRED = { number: 11, mode: 'expire' } as const

describe('a change of keys that is heard', () => {
  test('drops the copies of these keys, in the collection that is named', () => {
    const { changes, held, space } = setup()
    space('thing').memory?.store('b', copy())
    changes.changed([id('thing', 'a')], REMOVED)
    expect([held('thing'), held('thing', 'b') !== undefined, held('') !== undefined]).toEqual([
      undefined,
      true,
      true,
    ])
    changes.changed([id('', 'a'), id('thing', 'b')], REMOVED)
    expect([held(''), held('thing', 'b')]).toEqual([undefined, undefined])
  })

  test('keeps keys of different types apart', () => {
    const { changes, held, space } = setup()
    space('').memory?.store(1, copy())
    space('').memory?.store('1', copy())
    changes.changed([id('', 1)], REMOVED)
    expect([held('', 1), held('', '1') !== undefined]).toEqual([undefined, true])
  })

  test('that was expired leaves copies in grace, and takes them out of service', () => {
    const { changes, held, clock } = setup()
    changes.changed([id('', 'a')], EXPIRED)
    expect(held('')).toMatchObject({ freshUntil: 0, servedUntil: 0, graceUntil: 500 })
    expect(clock.monotonic()).toBe(0)
  })

  test('spares what this process wrote under that number or a later one', () => {
    const { changes, held } = setup()
    for (const number of [9, 10]) {
      changes.changed([id('', 'a')], { number, mode: 'delete' })
      changes.changed([id('', 'a')], { number, mode: 'expire' })
    }
    expect(held('')).toEqual(copy())
  })

  test('drops a copy that knows no numbers at all', () => {
    const { changes, held, space } = setup()
    space('').memory?.store('a', copy({ shared: undefined }))
    changes.changed([id('', 'a')], { number: 1, mode: 'delete' })
    expect(held('')).toBeUndefined()
  })

  test('cuts loads of the key off, and tells writes under which number it was', () => {
    const { changes, space } = setup()
    const { reservations } = space('')
    const reserve = (kind: 'load' | 'set', key: string) =>
      reservations.reserve({ key, kind, stamp: 0, shared: undefined })
    const [load, set, other] = [reserve('load', 'a'), reserve('set', 'a'), reserve('load', 'b')]
    changes.changed([id('', 'a')], REMOVED)
    expect([load.alive, set.alive, other.alive]).toEqual([false, true, true])
    expect(set.outrunBy).toBe(11)
  })

  test('ends the rest of a key whose load had failed only where it was removed', () => {
    const { changes, space } = setup()
    const { resting } = space('')
    resting.begin('a', 0, 0)
    changes.changed([id('', 'a')], EXPIRED)
    expect(resting.rests('a', 1)).toBe(true)
    changes.changed([id('', 'a')], REMOVED)
    expect(resting.rests('a', 1)).toBe(false)
  })

  test('that cannot be read, or is of a collection that is not declared here, is passed over', () => {
    const { changes, held } = setup()
    const strange = ['', 'a', ':', 'nobody:s1:a', 'thing:', 'thing:s2:a', 'thing:x1:a', ':n1:a']
    changes.changed([...strange, id('', 'a')], REMOVED)
    expect(held('')).toBeUndefined()
    expect(held('thing')).toEqual(copy())
  })

  test('is heard also where the memory tier is off', () => {
    const { changes, space } = setup('off')
    const load = space('').reservations.reserve({
      key: 'a',
      kind: 'load',
      stamp: 0,
      shared: undefined,
    })
    changes.changed([id('', 'a')], REMOVED)
    changes.changed([id('', 'a')], EXPIRED)
    changes.doubt('all')
    changes.trustUntil(100)
    expect(load.alive).toBe(false)
  })
})

describe('what else is heard', () => {
  test('is that copies must be judged again: those with tags, or all', async () => {
    const { changes, memory, space } = setup()
    memory?.trustUntil(1_000)
    space('').memory?.store('t', copy({ tags: ['red'] }))
    const hits = (): boolean[] =>
      ['a', 't'].map((key) => space('').memory?.hit(key, 0) !== undefined)
    expect(hits()).toEqual([true, true])
    changes.doubt('tagged')
    expect(hits()).toEqual([true, false])
    changes.doubt('all')
    expect(hits()).toEqual([false, false])
  })

  test('is until when copies may be served, and each step forward is an answer of all shards', () => {
    const { changes, told, space } = setup()
    const hit = (now: number): boolean => space('').memory?.hit('a', now) !== undefined
    changes.trustUntil(500)
    expect([hit(499), hit(500)]).toEqual([true, false])
    changes.trustUntil(700)
    changes.trustUntil(700)
    changes.trustUntil(Number.NEGATIVE_INFINITY)
    expect(hit(0)).toBe(false)
    expect(told).toEqual(['followed', 'answered', 'answered', 'blind'])
    changes.trustUntil(800)
    expect(told.slice(4)).toEqual(['followed', 'answered'])
  })

  test('is told where it begins to be heard, and where it has not been for too long', async () => {
    const { changes, clock, timers, states } = setup()
    changes.trustUntil(Number.NEGATIVE_INFINITY)
    expect(states).toEqual([])
    changes.trustUntil(500)
    changes.trustUntil(700)
    expect(states).toEqual(['followed'])
    await clock.advance(699)
    expect(states).toEqual(['followed'])
    await clock.advance(1)
    expect(states).toEqual(['followed', 'blind'])
    expect(timers()).toBe(0)
    changes.trustUntil(1_000)
    changes.trustUntil(Number.NEGATIVE_INFINITY)
    expect(states).toEqual(['followed', 'blind', 'followed', 'blind'])
    await clock.advance(10_000)
    expect(states).toHaveLength(4)
  })

  test('is not watched for where it is trusted for ever, or the cache is closed', () => {
    const { changes, timers, states, closing } = setup()
    changes.trustUntil(Number.POSITIVE_INFINITY)
    expect([states, timers()]).toEqual([['followed'], 0])
    changes.trustUntil(500)
    expect(timers()).toBe(1)
    closing.abort()
    expect(timers()).toBe(0)
    changes.trustUntil(Number.NEGATIVE_INFINITY)
    expect(states).toEqual(['followed'])
  })

  test('is not watched for by a cache that is closed before anything was heard', () => {
    const { changes, timers, states, closing } = setup()
    closing.abort()
    changes.trustUntil(500)
    expect([states, timers()]).toEqual([[], 0])
  })

  test('is that numbers of a shard begin anew', () => {
    const { changes, told } = setup()
    changes.renewed(3)
    expect(told).toEqual(['renewed 3'])
  })

  test('is that leases and locks ended: whoever waits for one is woken', async () => {
    const { changes, leases, locks, clock } = setup()
    const woken: string[] = []
    void leases.wait(['x'], 1_000).then(() => woken.push('lease'))
    void locks.wait(['x'], 1_000).then(() => woken.push('lock'))
    changes.released(['x'])
    await clock.settle()
    expect(woken).toEqual(['lease'])
    changes.unlocked(['x'])
    await clock.settle()
    expect(woken).toEqual(['lease', 'lock'])
  })
})
