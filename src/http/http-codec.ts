/** Entries of HTTP answers as bytes: what is of text as JSON, the body as it is. See `docs/wire-format.md`. */

import type { Codec } from '../contracts/codec.ts'
import type { HttpEntry, StoredAnswer } from './stored-answer.ts'

/** Bytes that tell how long the JSON is. */
const PREFIX_BYTES = 4

export function httpCodec(): Codec {
  const encoder = new TextEncoder()
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  return {
    // One of those that the library leaves free: the collection is this room's own.
    id: 200,
    name: 'http',
    encode(value) {
      const { names, selected, answer } = value as HttpEntry
      const { body, ...head } = answer ?? { body: new Uint8Array() }
      const json = encoder.encode(
        JSON.stringify(answer === undefined ? { names, selected } : { names, selected, head }),
      )
      const bytes = new Uint8Array(PREFIX_BYTES + json.length + body.length)
      new DataView(bytes.buffer).setUint32(0, json.length)
      bytes.set(json, PREFIX_BYTES)
      bytes.set(body, PREFIX_BYTES + json.length)
      return bytes
    },
    decode(bytes) {
      const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0)
      const end = PREFIX_BYTES + length
      if (end > bytes.length) throw new RangeError('the head is longer than the entry')
      const { names, selected, head } = JSON.parse(
        decoder.decode(bytes.subarray(PREFIX_BYTES, end)),
      )
      // A copy: the bytes belong to the tier they were read from. Drivers bring `Buffer`s, whose own `slice`
      // would be a view of them.
      const body = new Uint8Array(bytes.subarray(end))
      const answer: StoredAnswer | undefined = head && { ...head, body }
      return { names, selected, answer } satisfies HttpEntry
    },
  }
}
