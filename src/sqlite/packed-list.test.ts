import { expect, test } from 'vitest'
import { packList, unpackList } from './packed-list.ts'

const many = <T>(make: (at: number) => T): T[] => Array.from({ length: 20 }, (_, at) => make(at))
const sent = (list: readonly unknown[]) => structuredClone(packList(list))
const there = (list: readonly unknown[]) => unpackList(sent(list), 'own')

test('what is posted as columns comes out as it was', () => {
  const lists: readonly (readonly unknown[])[] = [
    [],
    [undefined, null, 1, 'a'],
    many((at) => ({ ok: true, value: at })),
    many((at) => ({
      id: `k${at}`,
      kind: at % 2 ? 'put' : 'remove',
      tags: [],
      removes: ['a', 'b'],
    })),
    many((at) => ({ version: at % 3 ? at : undefined, of: at % 5 ? { n: at } : null })),
    many((at) => ({ zero: at % 2 ? 0 : -0, nan: Number.NaN, big: BigInt(at), same: 7n })),
    many((at) => (at % 2 ? { a: 1 } : { b: 2, c: [] })),
    many((at) => ({ list: many((n) => ({ n, at })), none: [] })),
    many((at) => [at, `${at}`, new Uint8Array(at)]),
    many((at) => JSON.parse(`{ "id": ${at}, "__proto__": { "admin": true } }`)),
    [{ step: 'enqueue', sender: { session: 's' }, requests: many((at) => ({ id: `k${at}` })) }],
    [{ ok: true, value: { late: undefined, answers: many((at) => ({ kind: 'queued', at })) } }],
    many((at) => ({ sql: at < 10 ? 'SELECT 1' : 'SELECT 2', params: many((n) => n) })),
  ]
  for (const list of lists) expect(there(list)).toStrictEqual(list)
})

test('bytes keep their limits, and those who own them share no buffer', () => {
  const list = many((at) => ({ envelope: new Uint8Array(at).fill(at) }))
  const own = there(list) as typeof list
  expect(own).toStrictEqual(list)
  expect(new Set(own.map(({ envelope }) => envelope.buffer)).size).toBe(20)
  const shared = unpackList(sent(list), 'shared') as typeof list
  expect(shared.map(({ envelope }) => [...envelope])).toEqual(list.map((one) => [...one.envelope]))
  expect(new Set(shared.map(({ envelope }) => envelope.buffer)).size).toBe(1)
})

test('names and what all have in common travel once, and few items as they are', () => {
  const list = many((at) => ({ sql: at % 2 ? 'SELECT 1' : 'SELECT 2', epoch: 'e', version: at }))
  const text = JSON.stringify(packList(list))
  for (const once of ['SELECT 1', 'SELECT 2', '"epoch"', '"e"', '"version"']) {
    expect(text.split(once)).toHaveLength(2)
  }
  const few = list.slice(0, 3)
  expect(packList(few)).toEqual({ packed: false, list: few })
})

test('what no thread can be sent is still found by who posts it', () => {
  expect(() => sent(many((at) => ({ at, call: () => at })))).toThrow()
})
