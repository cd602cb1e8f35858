/** A 32-bit hash of a key, by which those recognise it who have no room for its text. */

import type { CacheKey } from '../contracts/source.ts'

/** Characters of a long key that are read from each end, so that a key of a megabyte costs no more. */
const CHARACTERS_AT_EACH_END = 32

/**
 * Hashes `key` in the space numbered `space`. Equal keys hash alike; it is no secret and no defence.
 */
export function hashKey(key: CacheKey, space: number): number {
  const start = Math.imul(space + 1, 0x9e3779b1)
  if (typeof key === 'string') return scatter(start ^ hashText(key))
  if (typeof key === 'bigint') return scatter(start ^ hashText(`${BigInt.asUintN(64, key)}n`))
  if ((key | 0) === key) return scatter(start ^ key)
  return scatter(start ^ hashText(`${key}`))
}

/** FNV-1a over the characters at both ends, with the length. */
function hashText(text: string): number {
  const { length } = text
  let hash = 0x811c9dc5 ^ length
  const head = Math.min(length, CHARACTERS_AT_EACH_END)
  for (let at = 0; at < head; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  const tail = Math.max(head, length - CHARACTERS_AT_EACH_END)
  for (let at = tail; at < length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash
}

/** The finishing steps of MurmurHash3: every bit of the input reaches every bit of the answer. */
function scatter(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
