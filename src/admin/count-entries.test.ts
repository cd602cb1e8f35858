import { expect, test } from 'vitest'
import { createCache } from '../create-cache.ts'
import { EntryCounter } from './count-entries.ts'

async function setup() {
  const cache = createCache({ name: 'counted', metrics: 'off' })
  for (let id = 0; id < 50; id += 1) await cache.set(`row:${id}`, id)
  return cache
}

test('a count that is late ends, although nothing matches', async () => {
  await using cache = await setup()
  let looks = 0
  const counter = new EntryCounter(() => {
    looks += 1
    return looks > 10
  })
  expect(await counter.pattern(cache, 'nothing')).toEqual({ matched: 0, complete: false })
  expect(looks).toBe(11)
})

test('a count in time is of what the glob matches', async () => {
  await using cache = await setup()
  const counter = new EntryCounter(() => false)
  expect(await counter.pattern(cache, 'row:4?')).toEqual({ matched: 10, complete: true })
})
