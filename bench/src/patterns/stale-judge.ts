/** Knows which write of a key was acknowledged when, and so whether an answer is too old. */

interface Acknowledged {
  readonly row: number
  readonly at: number
}

interface Answer {
  readonly key: number
  /** When the read began. */
  readonly began: number
  /** Of `expected`, when it began. */
  readonly expected: number
  readonly row: number
}

/** One writer of a key at a time: each write puts the next number. */
export class StaleJudge {
  stale = 0
  stalestMs = 0
  readonly #acknowledged = new Map<number, Acknowledged[]>()
  readonly #turns = new Map<number, Promise<void>>()

  /** The least that a read of the key must answer that begins now. */
  expected(key: number): number {
    return this.#acknowledged.get(key)?.at(-1)?.row ?? 0
  }

  judge({ key, began, expected, row }: Answer): void {
    if (row >= expected) return
    this.stale += 1
    const missed = this.#acknowledged.get(key)?.find((write) => write.row > row)
    if (missed !== undefined) this.stalestMs = Math.max(this.stalestMs, began - missed.at)
  }

  /** Puts the key's next number, after those who came before. */
  write(key: number, put: (row: number) => Promise<void>, now: () => number): Promise<void> {
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(async () => {
      const writes = this.#acknowledged.get(key) ?? []
      const row = writes.length + 1
      await put(row)
      this.#acknowledged.set(key, [...writes, { row, at: now() }])
    })
    this.#turns.set(key, turn)
    return turn
  }
}
