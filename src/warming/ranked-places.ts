/** Puts places in order by a value each, without a comparison in JavaScript. */

/** Bits of a place: what a double has beside the 32 of a value. */
const PLACES_MAX = 2 ** 21

/** Reading a number as 32 bits; these are in the order of the numbers as long as none is below 0. */
const asNumber = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length)

/**
 * The places of the largest values, the largest first, `limit` of them at most; values below `least`
 * are left out, and of equal ones the first place comes first. Values are compared to seven digits; no more than 2,097,152 of them.
 */
export function rankedPlaces(values: Float32Array, limit: number, least = 0): Uint32Array {
  const bits = asNumber(values)
  const packed = new Float64Array(values.length)
  let length = 0
  for (let place = 0; place < values.length; place += 1) {
    if ((values[place] as number) < least) continue
    packed[length] = (bits[place] as number) * PLACES_MAX + (PLACES_MAX - 1 - place)
    length += 1
  }
  const ranked = packed.subarray(0, length).sort()
  const places = new Uint32Array(Math.min(limit, length))
  for (let rank = 0; rank < places.length; rank += 1) {
    places[rank] = PLACES_MAX - 1 - ((ranked[length - 1 - rank] as number) % PLACES_MAX)
  }
  return places
}
