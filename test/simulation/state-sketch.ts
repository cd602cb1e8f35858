/**
 * How many different states were met, in a fixed amount of memory: linear counting over a bitmap.
 * Sketches of several processes are put together bit by bit.
 */

const BITS = 2 ** 21

export class StateSketch {
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array = new Uint8Array(BITS / 8)) {
    this.#bytes = bytes
  }

  static fromText(text: string): StateSketch {
    return new StateSketch(new Uint8Array(Buffer.from(text, 'base64')))
  }

  add(hash: number): void {
    const bit = hash % BITS
    this.#bytes[bit >> 3] = (this.#bytes[bit >> 3] ?? 0) | (1 << (bit & 7))
  }

  merge({ bytes }: StateSketch): void {
    for (const [at, byte] of bytes.entries()) this.#bytes[at] = (this.#bytes[at] ?? 0) | byte
  }

  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** Off by a percent or two. */
  get count(): number {
    let unset = BITS
    for (const byte of this.#bytes) for (let left = byte; left > 0; left &= left - 1) unset -= 1
    return Math.round(-BITS * Math.log(Math.max(1, unset) / BITS))
  }

  get text(): string {
    return Buffer.from(this.#bytes).toString('base64')
  }
}
