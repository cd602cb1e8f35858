/** The platform's own serialisation as a codec. Made by users, from `tiercel/codecs`. */

import { deserialize, serialize } from 'node:v8'
import type { Codec } from '../contracts/codec.ts'
import { CodecError } from '../contracts/errors.ts'
import { findUncloned } from './find-uncloned.ts'

/**
 * Writes values by the structured clone algorithm, as `node:v8` does it: dates, maps, sets, bigints,
 * regular expressions, errors, bytes, and objects that contain themselves.
 *
 * Functions and symbols are refused, and so are objects of the platform that have what cannot be seen from
 * outside, such as a `URL` or a `Response`. Instances of classes come back as plain objects, as from
 * `structuredClone`. A Node release reads what earlier ones have written; what a later one has
 * written may be a miss. Choose it only for a shared tier that nobody else can write into: it is not
 * made for bytes of strangers. Three to four times the time of JSON.
 */
export function structuredCloneCodec(): Codec {
  return { id: 2, name: 'structured-clone', encode, decode }
}

function encode(value: unknown): Uint8Array {
  const uncloned = findUncloned(value)
  if (uncloned !== undefined) {
    const { path, what } = uncloned
    throw new CodecError(`Structured clone cannot keep the value: \`${path}\` is ${what}.`)
  }
  try {
    return serialize(value)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CodecError(`Structured clone cannot keep the value: ${why}`, { cause: error })
  }
}

function decode(bytes: Uint8Array): unknown {
  // The bytes in what comes back are views of the memory it was read from. Without a copy, a caller
  // who changes them would change the envelope in the tier.
  return deserialize(new Uint8Array(bytes))
}
