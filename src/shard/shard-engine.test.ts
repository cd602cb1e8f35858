import { describe, expect, test } from 'vitest'
import type { IntentRequest, SharedKey } from '../contracts/shared-tier.ts'
import { bucketOf } from '../keys/key-place.ts'
import { MapRows } from '../memory/map-rows.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { ShardEngine } from './shard-engine.ts'
import { MAX_TAG_NUMBERS } from './tag-numbers.ts'

const NOW = 1_900_000_000_000

/** An engine on rows that can be looked into, at a time that the test sets. */
function setup() {
  const removed: string[] = []
  const rows = new MapRows(1_000_000, (collection, cause) => removed.push(`${collection} ${cause}`))
  const time = { now: NOW }
  const engine = new ShardEngine({ rows, now: () => time.now, random: new SeededRandom(7) })
  let operation = 0
  const sender = () => {
    operation += 1
    const { epoch = '' } = engine.read([key('of no interest')])[0] ?? {}
    return { session: 'own', operation, epoch }
  }
  const set = (id: string, tags: readonly string[] = []) =>
    engine.set(sender(), [{ ...value(id), tags }])
  const begin = (ids: readonly string[], intent: Omit<IntentRequest, keyof SharedKey>) =>
    engine.beginIntent(
      sender(),
      ids.map((id) => ({ ...key(id), ...intent })),
    )
  const removeTags = (...tags: readonly string[]) =>
    engine.invalidate(sender(), { kind: 'tags', tags, match: 'any', mode: 'delete' })
  const claim = (id: string, token: string) => engine.claim([{ ...key(id), token }], 1_000)[0]
  const has = (id: string) => engine.read([key(id)])[0]?.entry !== undefined
  return { rows, time, engine, removed, sender, set, begin, removeTags, claim, has }
}

const key = (id: string) => ({ id, collection: '' })
const value = (id: string) => ({
  ...key(id),
  envelope: new Uint8Array(3),
  ttlMs: 60_000,
  graceMs: 0,
  tags: [] as readonly string[],
})

describe('ShardEngine', () => {
  test('the first sequence lies above the microseconds of the clock, and is exact', () => {
    const { engine } = setup()
    const [moment] = engine.read([key('k')])
    expect(moment?.sequence).toBeGreaterThanOrEqual(NOW * 1_000 + 2 ** 20)
    expect(moment?.sequence).toBeLessThan(NOW * 1_000 + 2 ** 21)
    expect(Number.isSafeInteger(moment?.sequence)).toBe(true)
  })

  test('a lost control record means a new epoch: no entry, and no load that began before', () => {
    const { rows, engine, time, set, claim, has } = setup()
    set('k')
    const [before] = engine.claim([{ ...key('loading'), token: 'a' }], 60_000)
    if (before?.kind !== 'granted') throw new Error('The claim was not granted.')
    // Long enough for the new numbers to lie above the old, whatever chance adds to them.
    time.now += 5_000
    rows.control = () => undefined
    const [lost] = engine.read([key('k')])
    Reflect.deleteProperty(rows, 'control')
    expect(lost?.epoch).not.toBe(before.epoch)
    expect(has('k')).toBe(false)
    const fill = { ...value('loading'), token: 'a', grant: before.grant }
    // In the other order the first fill would end the lease that the second is to find.
    for (const epoch of [lost?.epoch ?? '', before.epoch]) {
      expect(engine.fill([{ ...fill, epoch }])[0]?.kind).toBe('refused')
    }
    expect(claim('loading', 'a')).toMatchObject({ kind: 'granted', epoch: lost?.epoch })
    expect(claim('loading', 'b')?.kind).toBe('wait')
  })

  test('a lease with a number that this epoch has not come to stores nothing', () => {
    const { rows, engine, claim } = setup()
    const { epoch = '', sequence = 0 } = engine.read([key('k')])[0] ?? {}
    const grant = sequence + 1_000
    const lease = { token: 'a', expiresAt: NOW + 1_000, collection: '', awaited: false }
    rows.putLease('k', { ...lease, grant })
    const [answer] = engine.fill([{ ...value('k'), token: 'a', grant, epoch }])
    expect(answer?.kind).toBe('refused')
    rows.putLease('other', { ...lease, grant })
    expect(claim('other', 'b')?.kind).toBe('granted')
  })

  test('tags whose numbers were forgotten take all older entries with tags, and no other', () => {
    const { rows, removeTags, set, has } = setup()
    set('first', ['t0'])
    set('never removed', ['other'])
    set('bare')
    const tags = Array.from({ length: MAX_TAG_NUMBERS }, (_, index) => `t${index}`)
    for (const tag of tags) removeTags(tag)
    expect([has('first'), has('never removed'), has('bare')]).toEqual([false, true, true])
    set('later', ['other'])
    removeTags('one more')
    expect(rows.numbersOf(['t:t0', 't:t1']).size).toBe(1)
    // `t0` was removed after `never removed` was stored, and nobody knows of `t0` any longer.
    expect([has('first'), has('never removed'), has('bare')]).toEqual([false, false, true])
    expect(has('later')).toBe(true)
  })

  test('a sweep goes through all rows slice by slice, and tells why each has left', () => {
    const { engine, removed, removeTags, rows, sender, set, time } = setup()
    for (let index = 0; index < 10; index += 1) set(`k${index}`, index < 3 ? ['t'] : [])
    removeTags('t')
    engine.touch(sender(), [{ ...key('k9'), ...stampOf(engine, 'k9'), ttlMs: 1, graceMs: 0 }])
    time.now += 1
    let slices = 0
    let cursor: string | undefined
    do {
      cursor = engine.sweep(cursor, 4)
      slices += 1
    } while (cursor !== undefined)
    expect(slices).toBe(3)
    expect(rows.usage().entries).toBe(6)
    expect(removed.sort()).toEqual([' expired', ...Array.from({ length: 3 }, () => ' invalidated')])
  })

  test('a sweep ends leases and writes of those who died, and no others', () => {
    const { begin, engine, rows, set, time, claim, has } = setup()
    set('list', ['shop'])
    claim('dead', 'a')
    const intent = { token: 'w', deadlineMs: 1_000, tags: ['shop'] }
    begin(['dead write'], intent)
    time.now += 500
    claim('alive', 'a')
    begin(['write'], intent)
    engine.sweep(undefined, 10)
    expect(has('list')).toBe(true)
    time.now += 500
    engine.sweep(undefined, 10)
    expect(has('list')).toBe(false)
    expect([...rows.leasesOf(['dead', 'alive']).keys()]).toEqual(['alive'])
    expect([...rows.intentsOf(['dead write', 'write']).keys()]).toEqual(['write'])
  })

  test('a load that began before a write is cut off by its begin, not only by its end', () => {
    const { begin, engine, time, claim, rows } = setup()
    const ids = Array.from({ length: 1_500 }, (_, index) => `k${index}`)
    const intent = { token: 'w', deadlineMs: 1_000, tags: [] }
    const [before] = engine.claim([{ ...key('k1499'), token: 'before' }], 60_000)
    if (before?.kind !== 'granted') throw new Error('The claim was not granted.')
    begin(ids, intent)
    time.now += 1_000
    const [fill] = engine.fill([{ ...value('k1499'), ...before, token: 'before' }])
    expect(fill?.kind).toBe('refused')
    expect(rows.overdueIntents(time.now, 2_000)).toHaveLength(500)
    expect(claim('k1499', 'a')?.kind).toBe('granted')
    expect(rows.overdueIntents(time.now, 2_000)).toHaveLength(0)
  })

  test('a beat that ends the write of one who died answers with it', () => {
    const { engine, begin, time } = setup()
    begin(['k'], { token: 'dead', deadlineMs: 1_000, tags: [] })
    const [{ epoch, sequence: cursor } = { epoch: '', sequence: 0 }] = engine.read([key('k')])
    time.now += 2_000
    const follower = { session: 'other', instance: 'other' }
    const answer = engine.follow(follower, { shard: 0, epoch, cursor, beat: true })
    expect(answer).toMatchObject({ sequence: cursor + 1, upTo: cursor + 1 })
    const bucket = bucketOf('k')
    expect(answer.changes).toEqual([{ kind: 'bucket', bucket, number: cursor + 1 }])
  })

  test('a key of a dead writer is free although its turn to be ended has not come', () => {
    const { begin, time, claim, rows } = setup()
    const ids = Array.from({ length: 1_500 }, (_, index) => `k${index}`)
    begin(ids, { token: 'w', deadlineMs: 1_000, tags: [] })
    time.now += 1_000
    expect(claim('k1499', 'a')?.kind).toBe('granted')
    expect(rows.overdueIntents(time.now, 2_000)).toHaveLength(500)
    claim('other', 'a')
    expect(rows.overdueIntents(time.now, 2_000)).toHaveLength(0)
  })

  test('deadlines are on the clock of the host: the wall clock may go where it likes', () => {
    const rows = new MapRows(1_000_000, () => {})
    const time = { now: NOW, tick: 70 }
    const clocks = { now: () => time.now, monotonic: () => time.tick }
    const engine = new ShardEngine({ rows, ...clocks, random: new SeededRandom(7) })
    const claim = (token: string) => engine.claim([{ ...key('k'), token }], 1_000)[0]
    claim('a')
    time.now += 3_600_000
    expect(claim('b')).toMatchObject({ kind: 'wait', remainingMs: 1_000 })
    time.now -= 7_200_000
    time.tick += 1_000
    expect(claim('b')?.kind).toBe('granted')
  })

  test('steps of a session are carried out in the order of their numbers, and none twice', () => {
    const { engine, sender, has } = setup()
    const [first, second] = [sender(), sender()]
    const keys = [key('k')]
    expect(engine.set(second, [value('k')]).late).toBe(undefined)
    const what = { kind: 'keys', keys, mode: 'delete' } as const
    expect(engine.invalidate(first, what).late).toBe('overtaken')
    expect(engine.invalidate(second, what).late).toBe('overtaken')
    expect(has('k')).toBe(true)
    expect(engine.invalidate({ ...first, session: 'another' }, what).late).toBe(undefined)
  })

  test('a step that was late by its epoch has not taken its turn', () => {
    const { engine, sender, has } = setup()
    const stranger = { ...sender(), epoch: 'another' }
    const intent = { ...key('k'), token: 'w', deadlineMs: 1_000, tags: [] }
    expect(engine.set(stranger, [value('k')]).late).toBe('epoch')
    expect(engine.beginIntent(stranger, [intent]).late).toBe('epoch')
    expect(engine.atomic(stranger, [{ op: 'set', value: value('k') }]).late).toBe('epoch')
    expect(has('k')).toBe(false)
    const { epoch } = sender()
    expect(engine.set({ ...stranger, epoch }, [value('k')]).late).toBe(undefined)
    const removal = { ...sender(), epoch: 'another' }
    expect(engine.invalidate(removal, { kind: 'clear' }).late).toBe(undefined)
  })

  test('a session that has sent nothing for ten minutes is forgotten by the sweep', () => {
    const { engine, rows, set, time } = setup()
    set('k')
    time.now += 600_000
    engine.sweep(undefined, 10)
    expect(rows.operationOf('own')).toBe(1)
    time.now += 1
    engine.sweep(undefined, 10)
    expect(rows.operationOf('own')).toBe(undefined)
  })

  test('a pattern is swept slice by slice, past what it does not match', () => {
    const { engine, rows, sender, set } = setup()
    for (let index = 0; index < 10; index += 1) set(`:s2:k${index}`)
    engine.invalidate(sender(), { kind: 'pattern', collection: '', pattern: 'k9' })
    const { sequence = 0 } = engine.read([key('k')])[0] ?? {}
    const slices = Array.from({ length: 5 }, () => engine.sweepPattern(sequence, 3))
    expect(slices).toEqual([false, false, false, true, true])
    expect(rows.usage().entries).toBe(9)
  })

  test('a pattern that is none changes nothing', () => {
    const { engine, sender } = setup()
    const [before] = engine.read([key('k')])
    const what = { kind: 'pattern', collection: '', pattern: '[' } as const
    expect(() => engine.invalidate(sender(), what)).toThrow('closed')
    expect(engine.read([key('k')])[0]).toEqual(before)
  })
})

function stampOf(engine: ShardEngine, id: string): { epoch: string; stamp: number } {
  const entry = engine.read([key(id)])[0]?.entry
  return { epoch: entry?.epoch ?? '', stamp: entry?.stamp ?? 0 }
}
