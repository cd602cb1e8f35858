/**
 * From when on which versions of one key are outdated: the ends of protected writes and of removals,
 * each of which covers what was committed before it.
 */

export interface Cover {
  readonly at: number
  /** Versions with a lower place among the commits are outdated. */
  readonly index: number
}

export class CoverList {
  /** In order of time and of index alike: a cover that an earlier one exceeds says nothing new. */
  #covers: Cover[] = [{ at: 0, index: 0 }]

  add(cover: Cover): void {
    const all = [...this.#covers, cover].sort((one, other) => one.at - other.at)
    let highest = -1
    this.#covers = all.filter(({ index }) => {
      const counts = index > highest
      highest = Math.max(highest, index)
      return counts
    })
  }

  /** The one that first made the version with this index outdated. */
  firstAbove(index: number): Cover | undefined {
    let low = 0
    let high = this.#covers.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#covers[middle]?.index ?? 0) > index) high = middle
      else low = middle + 1
    }
    return this.#covers[low]
  }
}
