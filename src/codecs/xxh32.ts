/**
 * XXH32, the 32-bit checksum of the envelope, after the public specification of xxHash (version
 * 0.1.1). It finds damage and mix-ups; it is no proof against somebody who wants to forge.
 *
 * Called by `key-seed.ts`, `write-envelope.ts` and `read-envelope.ts`.
 */

const PRIME_1 = 0x9e3779b1
const PRIME_2 = 0x85ebca77
const PRIME_3 = 0xc2b2ae3d
const PRIME_4 = 0x27d4eb2f
const PRIME_5 = 0x165667b1

/** The hash of the bytes of `view` from `start` up to `end`, as an unsigned number. */
export function xxh32(view: DataView, start: number, end: number, seed: number): number {
  let offset = start
  let hash: number
  if (end - start < 16) {
    hash = (seed + PRIME_5) | 0
  } else {
    let a = (seed + PRIME_1 + PRIME_2) | 0
    let b = (seed + PRIME_2) | 0
    let c = seed | 0
    let d = (seed - PRIME_1) | 0
    for (const last = end - 16; offset <= last; offset += 16) {
      a = round(a, view.getInt32(offset, true))
      b = round(b, view.getInt32(offset + 4, true))
      c = round(c, view.getInt32(offset + 8, true))
      d = round(d, view.getInt32(offset + 12, true))
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0
  }
  // The specification adds the length modulo 2 to the 32.
  hash = (hash + end - start) | 0
  for (; offset + 4 <= end; offset += 4) {
    hash = (hash + Math.imul(view.getInt32(offset, true), PRIME_3)) | 0
    hash = Math.imul(rotate(hash, 17), PRIME_4)
  }
  for (; offset < end; offset++) {
    hash = (hash + Math.imul(view.getUint8(offset), PRIME_5)) | 0
    hash = Math.imul(rotate(hash, 11), PRIME_1)
  }
  return avalanche(hash)
}

function round(lane: number, word: number): number {
  return Math.imul(rotate((lane + Math.imul(word, PRIME_2)) | 0, 13), PRIME_1)
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

function avalanche(word: number): number {
  let hash = word
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2)
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3)
  return (hash ^ (hash >>> 16)) >>> 0
}
