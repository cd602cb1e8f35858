/**
 * Turns the key of an envelope into the seed of its checksum, so that an envelope found under
 * another key does not check. Used by `envelope-format.ts`.
 */

import { xxh32 } from './xxh32.ts'

/** Room for the UTF-8 of nearly every key; longer ones are encoded into bytes of their own. */
const SCRATCH_BYTES = 768

/** Hashes keys without an allocation for each. */
export class KeySeed {
  readonly #encoder = new TextEncoder()
  readonly #scratch = new Uint8Array(SCRATCH_BYTES)
  readonly #view = new DataView(this.#scratch.buffer)

  of(key: string): number {
    // A UTF-16 unit takes three bytes at most.
    if (key.length * 3 <= SCRATCH_BYTES) {
      return xxh32(this.#view, 0, this.#encoder.encodeInto(key, this.#scratch).written, 0)
    }
    const bytes = this.#encoder.encode(key)
    return xxh32(new DataView(bytes.buffer, bytes.byteOffset), 0, bytes.length, 0)
  }
}
