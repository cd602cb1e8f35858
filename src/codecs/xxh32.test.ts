import { describe, expect, test } from 'vitest'
import { xxh32 } from './xxh32.ts'

/** The bytes that the sanity check of the reference implementation hashes. */
function sanityBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = 2654435761n
  for (let i = 0; i < length; i++) {
    bytes[i] = Number(state >> 56n)
    state = BigInt.asUintN(64, state * 11400714785074694797n)
  }
  return bytes
}

function hashOf(bytes: Uint8Array, seed = 0): number {
  return xxh32(new DataView(bytes.buffer, bytes.byteOffset), 0, bytes.length, seed)
}

describe('xxh32', () => {
  test.each([
    { length: 0, seed: 0, hash: 0x02cc5d05 },
    { length: 0, seed: 0x9e3779b1, hash: 0x36b78ae7 },
    { length: 1, seed: 0, hash: 0xcf65b03e },
    { length: 1, seed: 0x9e3779b1, hash: 0xb4545aa4 },
    { length: 14, seed: 0, hash: 0x1208e7e2 },
    { length: 14, seed: 0x9e3779b1, hash: 0x6af1d1fe },
    { length: 222, seed: 0, hash: 0x5bd11dbd },
    { length: 222, seed: 0x9e3779b1, hash: 0x58803c5f },
  ])('hashes $length sanity bytes with seed $seed as published', ({ length, seed, hash }) => {
    expect(hashOf(sanityBytes(length), seed)).toBe(hash)
  })

  test.each([
    { text: 'a', hash: 0x550d7456 },
    { text: 'abc', hash: 0x32d153ff },
    { text: '1234', hash: 0x01543429 },
    { text: '123456789ABCDEF', hash: 0x576e3cf9 },
    { text: 'Nobody inspects the spammish repetition', hash: 0xe2293b2f },
  ])('hashes the text $text as published', ({ text, hash }) => {
    expect(hashOf(new TextEncoder().encode(text))).toBe(hash)
  })

  test('every flip of one bit changes the hash, in bytes, words and stripes', () => {
    for (const length of [1, 4, 15, 16, 37, 64]) {
      const bytes = sanityBytes(length)
      const hash = hashOf(bytes)
      for (let bit = 0; bit < length * 8; bit++) {
        const flipped = bytes.slice()
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(hashOf(flipped), `bit ${bit} of ${length} bytes`).not.toBe(hash)
      }
    }
  })

  test('reads where its view begins', () => {
    const bytes = sanityBytes(60)
    expect(hashOf(bytes.subarray(23))).toBe(hashOf(bytes.slice(23)))
  })
})
