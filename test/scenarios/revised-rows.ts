/** Rows with revisions in this process, as a store made of functions: what one of a user's own may look like. */

import type { Store, StoreOutcome, StoreWrite } from '../../src/index.ts'

/** The revision stands in the values themselves. */
interface Revised {
  readonly revision?: number
}

interface Kept {
  readonly version: bigint
  readonly epoch: string
  /** Revision of the row that it was built upon; `undefined`: of none. */
  readonly base: number | undefined
  /** Of the row that it has made. */
  readonly revision: number | undefined
}

export class RevisedRows<V extends object> {
  readonly rows = new Map<string, V & Revised>()
  readonly #kept = new Map<string, Kept>()
  #last = 0
  readonly store: Store<string, V> = {
    fencing: 'versioned',
    conflicts: 'detected',
    loadMany: async (keys) => new Map([...this.rows].filter(([key]) => keys.includes(key))),
    apply: async (writes, { signal }) => {
      signal.throwIfAborted()
      return writes.map((write) => this.#apply(write))
    },
    versions: async (keys) =>
      new Map(
        [...this.#kept]
          .filter(([key]) => keys.includes(key))
          .map(([key, { version, epoch }]) => [key, { version, epoch }]),
      ),
  }

  /** As another program writes. */
  change(key: string, value: V | undefined): void {
    if (value === undefined) {
      this.rows.delete(key)
      return
    }
    this.#last += 1
    this.rows.set(key, { ...value, revision: this.#last })
  }

  #apply(write: StoreWrite<string, V>): StoreOutcome {
    const { key, kind, version, epoch = '' } = write
    const row = this.rows.get(key)
    const kept = this.#kept.get(key)
    const base = baseOf(write)
    const isBased = kind === 'create' || (kind === 'put' && write.base !== undefined)
    if (version !== undefined && kept !== undefined && kept.version >= version) {
      const isSame = kept.version === version && kept.epoch === epoch
      if (isSame && (!isBased || kept.base === base)) return { kind: 'applied' }
      return { kind: 'superseded', by: kept.version, byEpoch: kept.epoch }
    }
    if (kind === 'create' && row !== undefined) {
      return { kind: 'conflict', reason: 'The key exists.' }
    }
    const follows = kept !== undefined && kept.base === base && kept.revision === row?.revision
    if (version !== undefined && isBased && base !== row?.revision && !follows) {
      return { kind: 'conflict', reason: 'The row has changed.' }
    }
    this.change(key, kind === 'remove' ? undefined : write.value)
    const { revision } = this.rows.get(key) ?? {}
    if (version !== undefined) this.#kept.set(key, { version, epoch, base, revision })
    return { kind: 'applied' }
  }
}

function baseOf<V>(write: StoreWrite<string, V>): number | undefined {
  if (write.kind !== 'put') return undefined
  const value = write.base === undefined ? write.value : write.base.value
  return (value as Revised | undefined)?.revision
}
