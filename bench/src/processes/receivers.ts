/** The processes that hear of invalidations. Called by the groups of the suite `invalidation`. */

import {
  type Disappearances,
  type PassKeys,
  type ReceiverQuestion,
  watchedPlaces,
} from './receiver-question.ts'
import { RemoteProcess } from './remote-process.ts'

const child = new URL('./receiver-child.ts', import.meta.url)
/** With the sender, a small cluster; on a machine of two cores more would measure its scheduler. */
const receiverCount = 3
/** An invalidation that takes longer has been lost. */
const lostAfterMs = 5000

/** Copies that may be gone before their time, without spoiling the figures. */
const earlyShareMax = 0.1

export class Receivers implements AsyncDisposable {
  readonly #processes: readonly RemoteProcess[]

  private constructor(processes: readonly RemoteProcess[]) {
    this.#processes = processes
  }

  /** `entries`: room for copies in each subject of each process. */
  static async start(port: number, entries: number): Promise<Receivers> {
    const starting = Array.from({ length: receiverCount }, () =>
      RemoteProcess.start(child, [`${port}`, `${entries}`]),
    )
    return new Receivers(await Promise.all(starting))
  }

  /** Each has a copy of each key afterwards, and watches. */
  async watch(keys: PassKeys): Promise<void> {
    await this.#askAll<unknown>({ ask: 'watch', ...keys })
  }

  /**
   * How long each watched key's copy has outlived its instant of `startedAt`, in every process, in
   * milliseconds, ascending; `Infinity` for one that was still there after `lostAfterMs`.
   *
   * @throws Error if too many copies were gone before they were invalidated.
   */
  async delays(keys: PassKeys, startedAt: readonly number[]): Promise<readonly number[]> {
    const answers = await this.#askAll<Disappearances>({ ask: 'report', withinMs: lostAfterMs })
    const places = watchedPlaces(keys)
    const all = answers.flatMap((times) =>
      times.map((time, at) => {
        if (time === null) return Number.POSITIVE_INFINITY
        return time - (startedAt[places[at] ?? 0] ?? Number.NaN)
      }),
    )
    // A copy that left for another key's sake says nothing about its own invalidation.
    const delays = all.filter((delay) => delay >= 0).toSorted((a, b) => a - b)
    if (delays.length < all.length * (1 - earlyShareMax)) {
      throw new Error(`${keys.subject}: ${all.length - delays.length} of ${all.length} left early.`)
    }
    return delays
  }

  /** From now on all of them read the keys, as programs do that serve them. */
  async serve(what: Pick<PassKeys, 'subject' | 'prefix' | 'count'>): Promise<void> {
    await this.#askAll<unknown>({ ask: 'serve', ...what })
  }

  /** Keys that are served older than the source has them, of all processes together. */
  async countStale(): Promise<number> {
    return (await this.#askAll<number>({ ask: 'check' })).reduce((sum, stale) => sum + stale, 0)
  }

  async rest(): Promise<void> {
    await this.#askAll<unknown>({ ask: 'rest' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((remote) => remote[Symbol.asyncDispose]()))
  }

  #askAll<A>(question: ReceiverQuestion): Promise<readonly A[]> {
    return Promise.all(this.#processes.map((remote) => remote.ask<A>(question)))
  }
}
