import { describe, expect, test } from 'vitest'
import { redisScene } from '../../test/contract/redis-scene.ts'
import { sharedValue } from '../testing/shared-steps.ts'

const PRODUCTS = Array.from({ length: 60 }, (_, at) => `product:${at}`)
const valuesOf = (ids: readonly string[]) => ids.map((id) => sharedValue(id, id))

describe('KeyScan', () => {
  test('misses nothing while the server makes room for other keys', async () => {
    await using scene = await redisScene()
    const { session } = await scene.steps()
    await session.set(valuesOf(PRODUCTS))
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = await session.scan('product', cursor, 3)
      found.push(...page.keys)
      cursor = page.cursor
      const others = Array.from({ length: 40 }, (_, at) => `order:${found.length}-${at}`)
      await session.set(valuesOf(others))
    } while (cursor !== undefined)
    expect(found.sort()).toEqual([...PRODUCTS].sort())
  })

  test('refuses a cursor that no page has answered', async () => {
    await using scene = await redisScene()
    const { session } = await scene.steps()
    for (const cursor of ['0', '{}', '{"nodes":[],"cursor":"0","skip":0,"handful":10}', 'x']) {
      await expect(session.scan('product', cursor, 10)).rejects.toMatchObject({ field: 'cursor' })
    }
  })
})
