/** Which keys are read in which order: drawn before anything is timed, the same for all subjects. */

import { seededRandom } from '../traces/seeded-random.ts'
import { zipfRanks } from '../traces/zipf-ranks.ts'

export interface ReadSequence {
  /** A power of two of them; a pass longer than that begins again: `keys[i & mask]`. */
  readonly keys: readonly string[]
  readonly mask: number
  /** What the ids of the first `count` records come to. */
  readonly sumOfIds: (count: number) => number
}

export interface ReadSequenceOptions {
  /** The keys there are; the place of a key is the id of its record. */
  readonly keys: readonly string[]
  /** 0 is uniform. */
  readonly skew: number
  /** A power of two. */
  readonly length: number
}

/** Draws the sequence. Which keys are popular has nothing to do with the order they were stored in. */
export function readSequence({ keys, skew, length }: ReadSequenceOptions): ReadSequence {
  const random = seededRandom(20_260_101)
  const popular = shuffledPlaces(keys.length, random)
  const draw = zipfRanks(keys.length, skew, random)
  const places = Uint32Array.from({ length }, () => popular[draw()] ?? 0)
  const mask = length - 1
  return {
    keys: Array.from(places, (place) => keys[place] ?? ''),
    mask,
    sumOfIds: (count) => {
      let sum = 0
      for (let i = 0; i < count; i += 1) sum += places[i & mask] ?? 0
      return sum
    },
  }
}

function shuffledPlaces(count: number, random: () => number): Uint32Array {
  const places = Uint32Array.from({ length: count }, (_, place) => place)
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1))
    const swapped = places[last] ?? 0
    places[last] = places[other] ?? 0
    places[other] = swapped
  }
  return places
}
