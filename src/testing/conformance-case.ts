/** The form of every conformance suite: data, so that any test runner can run it. */

/** One promise of a contract, and how to see whether `T` keeps it. */
export interface ConformanceCase<T> {
  /** A sentence in the present tense about what the subject does. */
  readonly name: string
  /** Abilities that the contract leaves open; a subject without one of them leaves the case out. */
  readonly needs: readonly string[]
  /** Rejects if the subject breaks the promise. Each case gets a subject of its own. */
  run(subject: T): Promise<void>
}
