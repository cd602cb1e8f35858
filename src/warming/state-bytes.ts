/** Numbers, texts and keys to bytes and back, for `forecast-state.ts`. */

import type { CacheKey } from '../contracts/source.ts'

const KEY_TYPES = ['string', 'number', 'bigint'] as const
/** No longer ones are counted; see `heavy-hitters.ts`. */
const KEY_CHARACTERS_MAX = 512

/** Grows as it is written to. */
export class StateWriter {
  #bytes = new Uint8Array(4096)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** What was written up to `length`, all of it if that is not said. */
  taken(length: number = this.#length): Uint8Array {
    return this.#bytes.subarray(0, length)
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#length)
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    this.#bytes[this.#length] = value
    this.#length += 1
  }

  /** A whole number from 0 on, seven bits a byte, the lowest first. */
  whole(value: number): void {
    let left = value
    while (left >= 0x80) {
      this.byte((left % 0x80) | 0x80)
      left = Math.floor(left / 0x80)
    }
    this.byte(left)
  }

  number(value: number): void {
    const view = new DataView(new ArrayBuffer(8))
    view.setFloat64(0, value, true)
    for (let at = 0; at < 8; at += 1) this.byte(view.getUint8(at))
  }

  key(key: CacheKey): void {
    this.byte(KEY_TYPES.indexOf(typeof key as (typeof KEY_TYPES)[number]))
    const text = String(key)
    this.whole(text.length)
    for (let at = 0; at < text.length; at += 1) this.whole(text.charCodeAt(at))
  }
}

/** Reads what a `StateWriter` wrote. @throws RangeError where the bytes end or make no sense. */
export class StateReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** How many bytes were read. */
  get at(): number {
    return this.#at
  }

  byte(): number {
    const value = this.#bytes[this.#at]
    if (value === undefined) throw new RangeError('Expected more bytes.')
    this.#at += 1
    return value
  }

  whole(): number {
    let value = 0
    let place = 1
    for (;;) {
      const byte = this.byte()
      value += (byte & 0x7f) * place
      if (byte < 0x80) break
      place *= 0x80
    }
    if (!Number.isSafeInteger(value)) throw new RangeError('Expected a smaller number.')
    return value
  }

  number(): number {
    const view = new DataView(new ArrayBuffer(8))
    for (let at = 0; at < 8; at += 1) view.setUint8(at, this.byte())
    const value = view.getFloat64(0, true)
    if (!Number.isFinite(value)) throw new RangeError('Expected a finite number.')
    return value
  }

  key(): CacheKey {
    const type = KEY_TYPES[this.byte()]
    const length = this.whole()
    if (length > KEY_CHARACTERS_MAX) throw new RangeError('Expected a shorter key.')
    let text = ''
    for (let at = 0; at < length; at += 1) text += String.fromCharCode(this.whole())
    if (type === 'string') return text
    if (type === 'number') return Number(text)
    if (type === 'bigint') return BigInt(text)
    throw new RangeError('Expected the type of a key.')
  }
}
