/**
 * JSON, the codec where none is chosen. `createCache` makes one; so do users, from `tiercel/codecs`.
 *
 * This file must load nothing of the platform: the door `tiercel` loads it.
 */

import type { Codec } from '../contracts/codec.ts'
import { CodecError } from '../contracts/errors.ts'
import { findUnkept } from './find-unkept.ts'
import { utf8Writer } from './utf8-writer.ts'

/**
 * Writes values as JSON: readable in the shared tier, and by programs that are not ours.
 *
 * It keeps what JSON keeps and, as the value itself, also `NaN`, `Infinity`, `-Infinity`, `-0` and
 * bigints. What says by `toJSON` what it becomes comes back as that: a `Date` as its ISO text. What
 * JSON would lose without a word is refused, with its path: maps, sets, bytes, nested bigints,
 * functions, cycles. `structuredCloneCodec` keeps most of these.
 *
 * A property named `__proto__` is an ordinary property of what it returns.
 */
export function jsonCodec(): Codec {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const toBytes = utf8Writer()
  return {
    id: 1,
    name: 'json',
    encode: (value) => toBytes(write(value)),
    decode: (bytes) => read(decoder.decode(bytes)),
  }
}

/**
 * What JSON has no text for stands as in a script, so it cannot be taken for JSON. `-0` is JSON that
 * `JSON.stringify` does not write.
 */
function write(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (value === undefined) throw new CodecError('The value is undefined, which JSON cannot write.')
  let text: string | undefined
  try {
    text = JSON.stringify(value)
    refuseUnkept(value)
  } catch (error) {
    throw error instanceof CodecError ? error : explain(value, error)
  }
  if (text === undefined) throw new CodecError('The `toJSON` of the value answers undefined.')
  return text
}

function refuseUnkept(value: unknown, ancestors?: Set<object>): void {
  const unkept = findUnkept(value, ancestors)
  if (unkept === undefined) return
  throw new CodecError(
    `JSON cannot keep the value: \`${unkept.path}\` is ${unkept.what}. Convert it, or give the cache \`structuredCloneCodec()\`.`,
  )
}

/** `JSON.stringify` has thrown: looks again for the place, at leisure. */
function explain(value: unknown, cause: unknown): unknown {
  try {
    refuseUnkept(value, new Set())
  } catch (error) {
    if (error instanceof CodecError) return error
  }
  const why = cause instanceof Error ? cause.message : String(cause)
  return new CodecError(`JSON cannot keep the value: ${why}`, { cause })
}

/** Longest of the words that `write` adds to JSON: `-Infinity`. */
const WORD_LENGTH_MAX = 9

function read(text: string): unknown {
  if (text.length <= WORD_LENGTH_MAX) {
    if (text === 'NaN') return Number.NaN
    if (text === 'Infinity') return Number.POSITIVE_INFINITY
    if (text === '-Infinity') return Number.NEGATIVE_INFINITY
  }
  // No JSON ends with an n.
  if (text.endsWith('n')) return readBigint(text.slice(0, -1))
  return JSON.parse(text)
}

function readBigint(digits: string): bigint {
  // `BigInt` also takes what `write` never writes: spaces, hexadecimals, nothing at all.
  if (!/^-?\d+$/.test(digits)) throw new CodecError('The bytes are neither JSON nor a bigint.')
  return BigInt(digits)
}
