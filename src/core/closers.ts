/**
 * Whoever is to be told when the cache is closed: every wait for a load, while it lasts.
 *
 * Each stands in a box that is emptied when it leaves, for the reason that `ClearedMap` gives.
 */

interface Box {
  listener: (() => void) | undefined
}

export class Closers {
  readonly #boxes = new Set<Box>()

  /** Answers how to take it back. */
  add(listener: () => void): () => void {
    const box: Box = { listener }
    this.#boxes.add(box)
    return () => {
      box.listener = undefined
      this.#boxes.delete(box)
    }
  }

  /** In the order in which they came; not those that one before them has taken back, or has added. */
  tell(): void {
    for (const box of [...this.#boxes]) box.listener?.()
  }
}
