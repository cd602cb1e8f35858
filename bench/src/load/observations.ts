/**
 * What was seen on the wire, handed from those who load the shop to the judge in a file: numbers alone,
 * all times by the one clock of this machine (`host-clock.ts`).
 */

import { readFile, writeFile } from 'node:fs/promises'

/** One request and its answer. */
export interface Observation {
  /** A `write` was acknowledged. */
  readonly kind: 'read' | 'write'
  readonly product: number
  /** Of the change: what was written, or what was read; 0 for a product that nobody has changed. */
  readonly serial: number
  readonly beganAt: number
  readonly endedAt: number
}

const FIELDS = 5
/** Observations of one pass at most, 160 MB; what is beyond is counted and not judged. */
const KEPT_AT_MOST = 4_000_000

/** Collects the observations of one pass. */
export class ObservationLog {
  #numbers = new Float64Array(FIELDS * 65_536)
  #length = 0
  #unkept = 0

  /** How many there was no room for. */
  get unkept(): number {
    return this.#unkept
  }

  add({ kind, product, serial, beganAt, endedAt }: Observation): void {
    if (this.#length >= KEPT_AT_MOST * FIELDS) {
      this.#unkept += 1
      return
    }
    if (this.#length === this.#numbers.length) {
      const grown = new Float64Array(this.#numbers.length * 2)
      grown.set(this.#numbers)
      this.#numbers = grown
    }
    this.#numbers.set([kind === 'write' ? 1 : 0, product, serial, beganAt, endedAt], this.#length)
    this.#length += FIELDS
  }

  async save(path: string): Promise<void> {
    await writeFile(path, new Uint8Array(this.#numbers.buffer, 0, this.#length * 8))
  }
}

/** In the order in which the answers came. */
export async function* readObservations(path: string): AsyncGenerator<Observation> {
  const bytes = await readFile(path)
  const numbers = new Float64Array(new Uint8Array(bytes).buffer)
  for (let at = 0; at < numbers.length; at += FIELDS) {
    const [write = 0, product = 0, serial = 0, beganAt = 0, endedAt = 0] = numbers.subarray(
      at,
      at + FIELDS,
    )
    yield { kind: write === 1 ? 'write' : 'read', product, serial, beganAt, endedAt }
  }
}
