/** A database in virtual time, which counts its queries and knows what was committed when. */

import type { Store, StoredVersion, StoreOutcome, StoreWrite } from 'tiercel'
import type { FakeClock, SeededRandom } from 'tiercel/testing'

/** What a row holds: how often it was written. */
export type Row = number

/** A statement takes 20 ms on average; it takes effect somewhere in between. */
const HALF_MS = 10

export class VirtualSource {
  reads = 0
  writes = 0
  readonly #rows = new Map<number, Row>()
  readonly #versions = new Map<number, StoredVersion>()
  readonly #clock: FakeClock
  readonly #random: SeededRandom

  constructor(clock: FakeClock, random: SeededRandom) {
    this.#clock = clock
    this.#random = random
  }

  /** One statement, however many keys. */
  async read(keys: readonly number[]): Promise<Map<number, Row>> {
    this.reads += 1
    await this.#half()
    const rows = new Map(keys.map((key) => [key, this.#rows.get(key) ?? 0]))
    await this.#half()
    return rows
  }

  /** One statement, however many rows; of each key the greatest. */
  async write(rows: ReadonlyMap<number, Row>): Promise<void> {
    this.writes += 1
    await this.#half()
    for (const [key, row] of rows) this.#rows.set(key, Math.max(row, this.#rows.get(key) ?? 0))
    await this.#half()
  }

  /** The same as a store of a collection. */
  store(): Store<number, Row> {
    return {
      fencing: 'versioned',
      loadMany: (keys) => this.read(keys),
      apply: async (writes) => {
        await this.write(new Map(writes.flatMap(rowOf)))
        return writes.map((write) => this.#outcome(write))
      },
      versions: async (keys) =>
        new Map(keys.flatMap((key) => entryOf(key, this.#versions.get(key)))),
    }
  }

  #outcome({ key, version, epoch }: StoreWrite<number, Row>): StoreOutcome {
    if (version !== undefined && epoch !== undefined) this.#versions.set(key, { version, epoch })
    return { kind: 'applied' }
  }

  #half(): Promise<void> {
    const ms = HALF_MS * (0.5 + this.#random.next())
    return new Promise((resolve) => void this.#clock.schedule(ms, resolve))
  }
}

function rowOf(write: StoreWrite<number, Row>): (readonly [number, Row])[] {
  return write.kind === 'remove' ? [] : [[write.key, write.value]]
}

function entryOf<K, V>(key: K, value: V | undefined): (readonly [K, V])[] {
  return value === undefined ? [] : [[key, value]]
}
