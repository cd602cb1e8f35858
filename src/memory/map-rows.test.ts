import { describe, expect, test } from 'vitest'
import type { ShardIntent, ShardRow } from '../shard/index.ts'
import { MapRows } from './map-rows.ts'

/** What a row of `row()` takes, tags aside. */
const ROW_BYTES = 1_000

/** Rows for ten entries of `ROW_BYTES`, and what they told since the last look. */
function setup(maxBytes = 10 * ROW_BYTES) {
  const told: string[] = []
  const rows = new MapRows(maxBytes, (collection, cause, count) =>
    told.push(`${collection} ${cause} ${count}`),
  )
  const present = (...ids: readonly string[]) => [...rows.entriesOf(ids).keys()]
  return { rows, present, told: () => told.splice(0) }
}

function row(id: string, changes: Partial<ShardRow> = {}): ShardRow {
  const [collection = ''] = id.includes(':') ? id.split(':') : []
  // Each row is charged 200 bytes besides its id and envelope.
  const envelope = new Uint8Array(ROW_BYTES - 200 - id.length)
  const times = { storedAt: 0, freshUntil: 1_000, graceUntil: 1_000 }
  return { id, collection, envelope, tags: [], epoch: 'e', stamp: 1, ...times, ...changes }
}

function intent(token: string, deadline: number): ShardIntent {
  return { token, deadline, tags: [], epoch: 'e', number: 1 }
}

describe('MapRows', () => {
  test('bytes are those of what is there, through puts, replacements and removals', () => {
    const { rows } = setup()
    rows.put(row('a'))
    rows.put(row('b', { tags: ['red', 'blue'] }))
    expect(rows.usage()).toEqual({ entries: 2, bytes: 2 * ROW_BYTES + 7 })
    rows.put(row('b', { envelope: new Uint8Array(0) }))
    expect(rows.usage()).toEqual({ entries: 2, bytes: ROW_BYTES + 201 })
    rows.setTimes('a', { freshUntil: 5, graceUntil: 6 })
    rows.noteRead(['a', 'none'], 5)
    rows.remove(['a', 'b', 'none'], 'deleted')
    expect(rows.usage()).toEqual({ entries: 0, bytes: 0 })
    expect(rows.empty).toBe(true)
  })

  test('above the bound, rows leave in the order in which they were used last', () => {
    const { rows, present, told } = setup(3 * ROW_BYTES)
    for (const id of ['a', 'item:b', 'c']) rows.put(row(id))
    expect(told()).toEqual([])
    rows.noteRead(['a'], 5)
    rows.put(row('d'))
    expect(told()).toEqual(['item evicted 1'])
    rows.put(row('c'))
    rows.put(row('e', { envelope: new Uint8Array(2 * ROW_BYTES - 201) }))
    expect(present('a', 'item:b', 'c', 'd', 'e')).toEqual(['c', 'e'])
    expect(told()).toEqual([' evicted 1', ' evicted 1'])
  })

  test('a row larger than the bound does not stay, and its room is free again', () => {
    const { rows, present } = setup(2 * ROW_BYTES)
    rows.put(row('large', { envelope: new Uint8Array(5 * ROW_BYTES) }))
    expect(rows.usage()).toEqual({ entries: 0, bytes: 0 })
    rows.put(row('a'))
    rows.put(row('b'))
    expect(present('a', 'b')).toEqual(['a', 'b'])
  })

  test('new times are no use of a row, and touch none that is not there', () => {
    const { rows, present } = setup(2 * ROW_BYTES)
    rows.put(row('a'))
    rows.put(row('b'))
    rows.setTimes('a', { freshUntil: 5, graceUntil: 6 })
    rows.setTimes('none', { freshUntil: 5, graceUntil: 6 })
    expect(rows.entriesOf(['a']).get('a')).toMatchObject({ stamp: 1, freshUntil: 5, graceUntil: 6 })
    rows.put(row('c'))
    expect(present('a', 'b', 'c', 'none')).toEqual(['b', 'c'])
  })

  test('removals are told by collection and cause, and only of what was there', () => {
    const { rows, told } = setup()
    for (const id of ['item:1', 'item:2', 'plain']) rows.put(row(id))
    rows.remove(['item:1', 'none'], 'deleted')
    rows.remove(['item:1', 'plain'], 'invalidated')
    expect(told()).toEqual(['item deleted 1', ' invalidated 1'])
  })

  test('of the tags, the lowest numbers are forgotten, and no others', () => {
    const { rows } = setup()
    const set = (number: number, ...members: readonly string[]) =>
      rows.setNumbers(new Map(members.map((member) => [member, number])))
    set(1, 'c:first', 'b:1')
    set(2, 't:a', 't:b')
    set(3, 'x:c')
    set(4, 't:a')
    set(5, 'c:last')
    expect(rows.forgetTags(3)).toBe(0)
    expect(rows.forgetTags(2)).toBe(2)
    expect(rows.forgetTags(2)).toBe(0)
    const members = ['c:first', 't:a', 't:b', 'x:c', 'c:last', 'b:1']
    expect([...rows.numbersOf(members)]).toEqual([
      ['c:first', 1],
      ['t:a', 4],
      ['x:c', 3],
      ['c:last', 5],
      ['b:1', 1],
    ])
    expect(rows.forgetTags(0)).toBe(4)
    expect([...rows.numbersOf(members).keys()]).toEqual(['c:first', 'c:last', 'b:1'])
  })

  test('numbers are found by kind, and those above another in their order', () => {
    const { rows } = setup()
    rows.setNumbers(
      new Map([
        ['t:a', 3],
        ['b:7', 5],
        ['c:x', 1],
        ['t:b', 4],
      ]),
    )
    expect([...rows.numbersOfKind('t')]).toEqual([
      ['t:a', 3],
      ['t:b', 4],
    ])
    expect(rows.numbersAbove(1, 2)).toEqual([
      { member: 't:a', number: 3 },
      { member: 't:b', number: 4 },
    ])
    expect(rows.numbersAbove(4, 10)).toEqual([{ member: 'b:7', number: 5 }])
    rows.removeNumbers(['b:7', 'none'])
    expect(rows.highestNumber()).toBe(4)
    rows.clearNumbers()
    expect(rows.numbersAbove(0, 10)).toEqual([])
    expect(rows.highestNumber()).toBe(0)
  })

  test('operations and standings are forgotten when they have not been renewed', () => {
    const { rows } = setup()
    rows.putOperation('one', 7, 100)
    rows.putOperation('two', 1, 200)
    rows.putOperation('one', 8, 300)
    rows.forgetOperations(300)
    expect([rows.operationOf('one'), rows.operationOf('two')]).toEqual([8, undefined])
    const standing = { instance: 'desk', epoch: 'e', cursor: 1 }
    rows.putStanding({ session: 'one', ...standing, at: 100 })
    rows.putStanding({ session: 'two', ...standing, at: 200 })
    expect(rows.standings(200).map(({ session }) => session)).toEqual(['two'])
    rows.forgetStandings(200)
    expect(rows.standings(0).map(({ session }) => session)).toEqual(['two'])
  })

  test('leases that have ended are swept, a bounded number at once, and no others', () => {
    const { rows } = setup()
    for (const [id, expiresAt] of [
      ['a', 100],
      ['b', 200],
      ['c', 101],
      ['d', 100],
    ] as const) {
      rows.putLease(id, { token: 't', grant: 1, expiresAt, collection: '', awaited: false })
    }
    expect(rows.sweepLeases(100, 1)).toBe(1)
    expect(rows.sweepLeases(100, 10)).toBe(1)
    expect([...rows.leasesOf(['a', 'b', 'c', 'd']).keys()]).toEqual(['b', 'c'])
  })

  test('intents of one key are kept by token, and each ends alone', () => {
    const { rows } = setup()
    rows.putIntent('a', intent('one', 100))
    rows.putIntent('a', intent('two', 200))
    rows.putIntent('a', intent('one', 300))
    rows.putIntent('b', intent('one', 100))
    expect(rows.intentsOf(['a']).get('a')).toEqual([intent('two', 200), intent('one', 300)])
    expect(rows.overdueIntents(199, 10)).toEqual(['b'])
    expect(rows.overdueIntents(200, 10)).toEqual(['a', 'b'])
    expect(rows.overdueIntents(200, 1)).toEqual(['a'])
    rows.removeIntent('a', 'two')
    rows.removeIntent('a', 'two')
    rows.removeIntent('b', 'stranger')
    expect([...rows.intentsOf(['a', 'b']).keys()]).toEqual(['a', 'b'])
    rows.removeIntent('a', 'one')
    rows.removeIntent('b', 'one')
    expect(rows.empty).toBe(true)
  })

  test('a page goes on behind its cursor, whatever came and went meanwhile', () => {
    const { rows } = setup()
    for (const id of ['item:2', 'item:4', 'item:1', 'other', 'item:3']) rows.put(row(id))
    const first = rows.scan('item', undefined, 2)
    expect(first.keys).toEqual(['item:1', 'item:2'])
    rows.remove(['item:2'], 'deleted')
    rows.put(row('item:0'))
    const second = rows.scan('item', first.cursor, 2)
    expect(second.keys).toEqual(['item:3', 'item:4'])
    expect(rows.scan('item', second.cursor, 2)).toEqual({ keys: [], cursor: undefined })
  })

  test('pages for sweeping hold all rows, and the last one has no cursor', () => {
    const { rows } = setup()
    for (const id of ['b', 'item:a', 'a']) rows.put(row(id))
    const first = rows.sweepPage(undefined, 2)
    expect(first.heads.map(({ id }) => id)).toEqual(['a', 'b'])
    const second = rows.sweepPage(first.cursor, 2)
    expect(second.heads.map(({ id }) => id)).toEqual(['item:a'])
    expect(second.cursor).toBe(undefined)
  })
})
