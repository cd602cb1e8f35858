/**
 * Whoever is to be told when the cache is closed: every wait for a load, while it lasts.
 *
 * A list whose links are cut as they leave, and no `Set`, for the reason that `ClearedMap` gives: nobody is
 * ever looked for in it.
 */

interface Closer {
  listener: (() => void) | undefined
  older: Closer | undefined
  newer: Closer | undefined
}

export class Closers {
  #newest: Closer | undefined

  /** Answers how to take it back. */
  add(listener: () => void): () => void {
    const older = this.#newest
    const closer: Closer = { listener, older, newer: undefined }
    if (older !== undefined) older.newer = closer
    this.#newest = closer
    return () => this.#remove(closer)
  }

  /** In the order in which they came; not those that one before them has taken back, or has added. */
  tell(): void {
    const all: Closer[] = []
    for (let one = this.#newest; one !== undefined; one = one.older) all.push(one)
    for (const { listener } of all.reverse()) listener?.()
  }

  #remove(closer: Closer): void {
    const { older, newer } = closer
    if (closer.listener === undefined) return
    if (older !== undefined) older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
    closer.listener = undefined
    closer.older = undefined
    closer.newer = undefined
  }
}
