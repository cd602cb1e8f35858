import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ClearedMap } from './cleared-map.ts'

const run = promisify(execFile)

/** Bytes that a hundred loads of twenty keys of 8 kB have left behind, by the map that had them. */
const churn = `
const { ClearedMap } = await import(process.argv[1])
const minor = () => globalThis.gc({ type: 'minor' })
function leftBy(map) {
  const before = process.memoryUsage().heapUsed
  for (let load = 0; load < 100; load += 1) {
    map.set('stays', {})
    for (let age = 0; age < 3; age += 1) minor()
    for (let key = 0; key < 20; key += 1) map.set(key, { held: new Array(1000).fill(load) })
    for (let key = 0; key < 20; key += 1) map.delete(key)
    for (let age = 0; age < 2; age += 1) minor()
  }
  const left = process.memoryUsage().heapUsed - before
  globalThis.gc()
  return left
}
console.log(JSON.stringify({ plain: leftBy(new Map()), cleared: leftBy(new ClearedMap()) }))`

async function heldAfterChurn(): Promise<{ readonly plain: number; readonly cleared: number }> {
  const source = new URL('./cleared-map.ts', import.meta.url).href
  // With threads of its own the collector ends at other times each time.
  const flags = ['--expose-gc', '--single-threaded', '--input-type=module', '--eval', churn, source]
  const { stdout } = await run(process.execPath, flags)
  return JSON.parse(stdout) as { plain: number; cleared: number }
}

describe('ClearedMap', () => {
  test('is a map', () => {
    const map = new ClearedMap<string | number, { readonly name: string }>()
    expect([map.size, map.get('a'), map.has('a')]).toEqual([0, undefined, false])
    map.set('a', { name: 'one' })
    map.set(1, { name: 'two' })
    map.set('a', { name: 'three' })
    expect([map.size, map.get('a'), map.has(1), map.has('1')]).toEqual([
      2,
      { name: 'three' },
      true,
      false,
    ])
    expect([...map.keys()]).toEqual(['a', 1])
    expect([...map.values()]).toEqual([{ name: 'three' }, { name: 'two' }])
    map.delete('b')
    map.delete('a')
    expect([map.size, map.get('a'), map.has('a'), ...map.values()]).toEqual([
      1,
      undefined,
      false,
      { name: 'two' },
    ])
  })

  test('what leaves while its values are looked through is not among them', () => {
    const map = new ClearedMap<number, { readonly id: number }>()
    for (const id of [1, 2, 3]) map.set(id, { id })
    const seen: number[] = []
    for (const { id } of map.values()) {
      seen.push(id)
      map.delete(2)
    }
    expect(seen).toEqual([1, 3])
  })

  test('what has left it is not held until the next full collection', async () => {
    // Only collections of young objects come between: a `Map` holds on to most of it then.
    const { plain, cleared } = await heldAfterChurn()
    expect(plain).toBeGreaterThan(4e6)
    expect(cleared).toBeLessThan(plain / 2)
  })
})
