/**
 * What all instances of a cache were switched to (H6), kept in the shared tier as one record.
 *
 * Each switch of a collection has a number, and the highest counts. Everybody who knows of one writes it
 * again where the record has lost it: to `clear()`, to another writer at the same moment, to eviction.
 * Looking costs nothing while nothing has touched the record: the changes of its shard are followed in
 * any case. A tier that does not answer changes nothing.
 */

import { TierError } from '../contracts/errors.ts'
import type { CacheMode } from '../contracts/mode.ts'
import type { Engine, SharedParts } from './engine.ts'
import type { KeptRecord } from './kept-record.ts'
import { MODES } from './switch-mode.ts'

/** See `WARM_LIST`: no collection of a user is called so. */
export const FLEET_MODES = '~modes'

const RECORD = 'all'
/** Heard within 5 s: this, the time in which a change is followed, and one call of the tier. */
const LOOK_MS = 2_000
/** A record that was evicted is told by no change. */
const REPAIR_MS = 60_000
/** As many as there can be collections, and a few that other releases have. */
const MOST = 2_000

interface Switched {
  readonly mode: CacheMode
  readonly number: number
  /** Of two with one number, the greater counts. */
  readonly by: string
}

export interface FleetModesParts {
  readonly engine: Engine
  readonly shared: SharedParts
  readonly record: KeptRecord
  /** Another mode counts for the collection from now on. */
  readonly apply: (collection: string, mode: CacheMode) => void
}

export class FleetModes {
  readonly #parts: FleetModesParts
  readonly #known = new Map<string, Switched>()
  /** The last look; `undefined`: there was none that was answered. */
  #seen: { readonly watch: ReturnType<KeptRecord['watch']>; readonly at: number } | undefined
  #cancel: (() => void) | undefined
  /** One look or switch at a time: each writes what it has read. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: FleetModesParts) {
    this.#parts = parts
    const { engine } = parts
    engine.onClose(() => this.#cancel?.())
    const { beginning } = parts.shared.coherence
    if (beginning === undefined) this.#tick()
    else void beginning.then(() => this.#tick())
  }

  /** For a collection that is declared now; `undefined`: the fleet has not switched it. */
  modeOf(collection: string): CacheMode | undefined {
    return this.#known.get(collection)?.mode
  }

  /** @throws TierError, after which it may have been switched all the same */
  async set(collection: string, mode: CacheMode): Promise<void> {
    await this.#inTurn(async () => {
      const { engine, shared, record } = this.#parts
      await shared.coherence.beginning
      const looked = await record.look(RECORD)
      if (looked === undefined) {
        throw new TierError('shared', 'The shared tier did not answer: nothing was switched.')
      }
      this.#learn(looked.value)
      const number = (this.#known.get(collection)?.number ?? 0) + 1
      const switched = { mode, number, by: engine.random.id() }
      await record.put(RECORD, written([...this.#known, [collection, switched]]))
      this.#apply(collection, switched)
    })
  }

  #tick(): void {
    const { engine } = this.#parts
    if (engine.closing.aborted) return
    const { clock, random, background } = engine
    if (this.#isDue())
      background.run(
        'modes',
        this.#inTurn(() => this.#look()),
      )
    const delayMs = LOOK_MS * (0.9 + random.next() / 10)
    this.#cancel = clock.schedule(delayMs, () => this.#tick(), 'upkeep')
  }

  #isDue(): boolean {
    if (this.#seen === undefined || !this.#seen.watch.stands()) return true
    const ageMs = this.#parts.engine.clock.monotonic() - this.#seen.at
    return this.#known.size > 0 && ageMs > REPAIR_MS
  }

  async #look(): Promise<void> {
    const { engine, record } = this.#parts
    if (engine.closing.aborted) return
    this.#forget()
    const watch = record.watch(RECORD)
    const looked = await record.look(RECORD)
    if (looked === undefined) {
      watch.end()
      return
    }
    this.#seen = { watch, at: engine.clock.monotonic() }
    // One that is not taken is tried again at the next look.
    if (!this.#learn(looked.value)) {
      await record.put(RECORD, written([...this.#known])).catch(() => this.#forget())
    }
  }

  #forget(): void {
    this.#seen?.watch.end()
    this.#seen = undefined
  }

  /** `false`: more is known here. */
  #learn(value: unknown): boolean {
    const found = new Map(switchesOf(value))
    for (const [collection, switched] of found) {
      if (outranks(switched, this.#known.get(collection))) this.#apply(collection, switched)
    }
    return [...this.#known].every(([collection, switched]) => {
      return !outranks(switched, found.get(collection))
    })
  }

  #apply(collection: string, switched: Switched): void {
    this.#known.set(collection, switched)
    this.#parts.apply(collection, switched.mode)
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    await turn
  }
}

function outranks(one: Switched, other: Switched | undefined): boolean {
  if (other === undefined || one.number !== other.number) return one.number > (other?.number ?? 0)
  return one.by > other.by
}

type Row = readonly [string, Switched]

const written = (rows: readonly Row[]): unknown =>
  rows.slice(0, MOST).map(([name, { mode, number, by }]) => [name, mode, number, by])

/** Any bytes may stand there: what makes no sense is left out. */
function switchesOf(value: unknown): readonly Row[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, MOST).flatMap((row: unknown): readonly Row[] => {
    if (!Array.isArray(row)) return []
    const [name, mode, number, by] = row as readonly unknown[]
    const fits = typeof name === 'string' && typeof by === 'string' && Number.isSafeInteger(number)
    if (!fits || !MODES.includes(mode as CacheMode)) return []
    return [[name, { mode: mode as CacheMode, number: number as number, by }]]
  })
}
