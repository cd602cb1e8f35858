/**
 * Ids by a number of each, the smallest first: a heap, in which what no longer holds stays until it is met.
 *
 * Bounded by the ids that are in it: once more than half of the heap does not hold, it is made anew.
 */

interface Placed {
  readonly id: string
  readonly at: number
}

/** Under so many, nothing is made anew. */
const SMALL = 64

export class OrderedIds {
  readonly #at = new Map<string, number>()
  #heap: Placed[] = []

  get size(): number {
    return this.#at.size
  }

  set(id: string, at: number): void {
    if (this.#at.get(id) === at) return
    this.#at.set(id, at)
    if (this.#heap.length > SMALL + 2 * this.#at.size) this.#renew()
    else this.#push({ id, at })
  }

  delete(id: string): void {
    this.#at.delete(id)
    if (this.#at.size === 0) this.#heap = []
  }

  first(): Placed | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#at.get(top.id) === top.at) return top
      this.#pop()
    }
    return undefined
  }

  /** Those at or before this number, smallest first, no more than `limit`. */
  upTo(at: number, limit: number): readonly string[] {
    const found: Placed[] = []
    for (let top = this.first(); top !== undefined; top = this.first()) {
      if (found.length >= limit || top.at > at) break
      this.#pop()
      // It may stand there twice, if it came back to where it was.
      this.#at.delete(top.id)
      found.push(top)
    }
    for (const one of found) {
      this.#at.set(one.id, one.at)
      this.#push(one)
    }
    return found.map(({ id }) => id)
  }

  #renew(): void {
    this.#heap = Array.from(this.#at, ([id, at]) => ({ id, at })).sort(
      (one, other) => one.at - other.at,
    )
  }

  #push(placed: Placed): void {
    const heap = this.#heap
    let place = heap.length
    heap.push(placed)
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || parent.at <= placed.at) break
      heap[place] = parent
      place = above
    }
    heap[place] = placed
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let place = 0
    for (;;) {
      const left = 2 * place + 1
      const [one, other] = [heap[left], heap[left + 1]]
      if (one === undefined) break
      const isOther = other !== undefined && other.at < one.at
      const child = isOther ? other : one
      if (child.at >= last.at) break
      heap[place] = child
      place = isOther ? left + 1 : left
    }
    heap[place] = last
  }
}
