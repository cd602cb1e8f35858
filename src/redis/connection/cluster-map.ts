/**
 * Keeps the slot table of a cluster as new as it has to be: asks for it at the start and whenever
 * something does not fit. Kept by `ClusterConnection`.
 */

import type { Clock } from '../../contracts/clock.ts'
import type { Random } from '../../contracts/random.ts'
import type { ClusterNodes } from './cluster-nodes.ts'
import type { NodeAddress } from './node-client.ts'
import { nodeName, SlotTable } from './slot-table.ts'

/** Between two refreshes, if nobody waits for the second. */
const PAUSE_MS = 100

export interface ClusterMapOptions {
  readonly clock: Clock
  readonly random: Random
  readonly nodes: ClusterNodes
  /** As they are now: nodes to ask besides those of the last table. */
  readonly seeds: () => readonly NodeAddress[]
  /** A new table, and the one before it. */
  readonly onTable: (table: SlotTable, before: SlotTable | undefined) => void
  /** Of all that are known, nobody has answered. */
  readonly onNobody: () => void
}

export class ClusterMap {
  readonly #options: ClusterMapOptions
  #table: SlotTable | undefined
  #asking: Promise<boolean> | undefined
  #cancelLater: (() => void) | undefined
  #askedAt = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(options: ClusterMapOptions) {
    this.#options = options
  }

  get table(): SlotTable | undefined {
    return this.#table
  }

  /**
   * Asks node after node until one answers; whoever asks meanwhile shares it. Answers whether one
   * has. Never rejects.
   */
  refresh(): Promise<boolean> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  /** The same for a table that is older than this. Answers whether it is no older now. */
  async freshen(maxAgeMs: number): Promise<boolean> {
    if (this.#ageMs() > maxAgeMs) await this.refresh()
    return this.#ageMs() <= maxAgeMs
  }

  /** Soon, and once for all who say so until then. */
  doubt(): void {
    if (this.#closed || this.#cancelLater !== undefined) return
    const look = (): void => {
      this.#cancelLater = undefined
      // It never rejects.
      void this.refresh()
    }
    this.#cancelLater = this.#options.clock.schedule(PAUSE_MS, look, 'upkeep')
  }

  close(): void {
    this.#closed = true
    this.#cancelLater?.()
  }

  #ageMs(): number {
    return this.#options.clock.monotonic() - this.#askedAt
  }

  async #ask(): Promise<boolean> {
    for (const address of this.#candidates()) {
      const table = await this.#tableOf(address)
      if (this.#closed) return false
      if (table === undefined) continue
      const before = this.#table
      this.#table = table
      this.#askedAt = this.#options.clock.monotonic()
      this.#options.onTable(table, before)
      return true
    }
    this.#options.onNobody()
    return false
  }

  async #tableOf(address: NodeAddress): Promise<SlotTable | undefined> {
    try {
      const reply = await this.#options.nodes.ask(address, ['CLUSTER', 'SLOTS'])
      return SlotTable.read(reply, address)
    } catch {
      return undefined
    }
  }

  /** Who can be reached comes first; among them chance, so that one wrong node is not asked for ever. */
  #candidates(): readonly NodeAddress[] {
    const { nodes, random, seeds } = this.#options
    const known = new Map(
      [...(this.#table?.nodes ?? []), ...seeds()].map((address) => [nodeName(address), address]),
    )
    return [...known]
      .map(([name, address]) => ({ address, rank: (nodes.isReady(name) ? 0 : 1) + random.next() }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ address }) => address)
  }
}
