/** The loader that subjects are filled through, and that no hit may ever reach. */

import type { Items } from './cache-subject.ts'
import type { Item } from './item.ts'

export interface ItemLoader {
  readonly load: (key: string) => Promise<Item>
  /** From now on a load is a failure of the benchmark: a hit was none. */
  readonly end: () => void
}

/** A loader over `items`, open until it is ended. */
export function itemLoader(items: Items): ItemLoader {
  let ended = false
  return {
    load: async (key) => {
      const found = items.get(key)
      if (ended || found === undefined) throw new Error(`Expected \`${key}\` to be a hit.`)
      return found
    },
    end: () => {
      ended = true
    },
  }
}
