/**
 * What the shop asks of its database, counted where it leaves the process; and, for whoever wants to see
 * what a database at a distance does, kept waiting. Used by `sqlite-source.ts` and `postgres-source.ts`.
 */

/** Statements that were sent, since the shop started. */
export interface CountedCalls {
  /** That only read. One that loads fifty rows counts once. */
  readonly reads: number
  /** All others. One that writes a hundred rows counts once. */
  readonly writes: number
}

/** As many as the pool of `postgres-source.ts` has; SQLite gets no more at a distance either. */
export const CONNECTIONS = 10

export class SourceCalls {
  readonly #delayMs: number
  /** Who waits for a connection; the requests of the shop bound it, each of which waits for its answer. */
  readonly #waiting: (() => void)[] = []
  #free = CONNECTIONS
  #reads = 0
  #writes = 0

  /** `delayMs`: what each call takes longer, on a connection that nobody else can use meanwhile. */
  constructor(delayMs: number) {
    this.#delayMs = delayMs
  }

  get counted(): CountedCalls {
    return { reads: this.#reads, writes: this.#writes }
  }

  /** Carries out `call`, which sends `statements` together. */
  async make<T>(statements: readonly string[], call: () => Promise<T>): Promise<T> {
    for (const sql of statements) {
      if (READS.test(sql)) this.#reads += 1
      else this.#writes += 1
    }
    return this.#delayMs === 0 ? await call() : await this.#fromAfar(call)
  }

  async #fromAfar<T>(call: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      await new Promise((resolve) => setTimeout(resolve, this.#delayMs))
      return await call()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }
}

/** A statement that begins with `WITH` reads, unless a part of it writes. */
const READS = /^\s*(SELECT|WITH)\b(?![\s\S]*\b(INSERT|UPDATE|DELETE)\b)/i
