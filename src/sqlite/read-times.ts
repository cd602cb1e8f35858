/**
 * Remembers which rows were read, so that a read writes nothing. `TierEngine` notes them and writes
 * them down in batches; eviction goes by what is written.
 *
 * Times are whole minutes: a row that is read all the time is written once a minute.
 */

/** Rows noted at most. What finds no room looks older than it is, until it is read again. */
const MAX_NOTED = 20_000

/** Minutes since the epoch, the unit of `entries.read_at`. */
export function minuteOf(nowMs: number): number {
  return Math.floor(nowMs / 60_000)
}

/** The end of a minute: not before anything that was read in it. */
export function endOfMinute(minute: number): number {
  return (minute + 1) * 60_000
}

export class ReadTimes<Row> {
  #minutes = new Map<Row, number>()

  get size(): number {
    return this.#minutes.size
  }

  /** The minute that was noted and is not written down. */
  of(row: Row): number | undefined {
    return this.#minutes.get(row)
  }

  note(row: Row, minute: number): void {
    if (this.#minutes.size < MAX_NOTED || this.#minutes.has(row)) this.#minutes.set(row, minute)
  }

  /** At most `limit` of what was noted, which is then forgotten. */
  take(limit: number): readonly (readonly [row: Row, minute: number])[] {
    const taken: [Row, number][] = []
    for (const noted of this.#minutes) {
      if (taken.length === limit) break
      taken.push(noted)
      this.#minutes.delete(noted[0])
    }
    return taken
  }
}
