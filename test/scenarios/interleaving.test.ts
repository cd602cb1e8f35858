/** What a read may answer while others write, over seeded interleavings of everything that is awaited. */

import { expect, test } from 'vitest'
import * as library from '../../src/index.ts'
import * as memory from '../../src/memory/index.ts'
import * as testing from '../../src/testing/index.ts'
import { interleave, SETTINGS } from './interleaving.ts'

const rooms = { library, memory, testing }
const SEEDS = Number(process.env['SEEDS'] ?? 150)

test.each(SETTINGS)(
  'no read goes back behind a write that has ended: %s',
  async (setting) => {
    let reads = 0
    let hits = 0
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const outcome = await interleave(rooms, seed, setting)
      expect(outcome.violation, `seed ${seed}`).toBeUndefined()
      reads += outcome.reads
      hits += outcome.hits
    }
    expect(hits / reads).toBeGreaterThan(0.2)
  },
  300_000,
)

test('a seed plays the same way each time', async () => {
  for (const setting of SETTINGS) {
    const [one, two] = [await interleave(rooms, 7, setting), await interleave(rooms, 7, setting)]
    expect(one).toEqual(two)
    expect((await interleave(rooms, 8, setting)).digest).not.toBe(one.digest)
  }
})
