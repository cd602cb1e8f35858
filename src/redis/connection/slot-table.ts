/**
 * Which master has which slot, as the cluster told last. Read and replaced by `ClusterConnection`
 * alone.
 */

import { SLOTS } from './key-slot.ts'
import type { NodeAddress } from './node-client.ts'
import type { RedisReply } from './redis-connection.ts'

/** One range of an answer to CLUSTER SLOTS: from, to, then host and port of each node. */
interface SlotRange {
  readonly from: number
  readonly to: number
  readonly nodes: readonly NodeAddress[]
}

export class SlotTable {
  /** By slot: the master's name. */
  readonly #owners: (string | undefined)[] = new Array<string | undefined>(SLOTS).fill(undefined)
  readonly #masters = new Map<string, NodeAddress>()
  readonly #replicas = new Map<string, NodeAddress>()

  /**
   * `asked` stands in where the answer leaves the host out, as it does for the node itself.
   * `undefined` if the answer is no table, or names no node at all.
   */
  static read(reply: RedisReply, asked: NodeAddress): SlotTable | undefined {
    if (!Array.isArray(reply)) return undefined
    const table = new SlotTable()
    for (const range of reply as readonly RedisReply[]) table.#add(rangeOf(range, asked))
    return table.#masters.size === 0 ? undefined : table
  }

  get masters(): ReadonlyMap<string, NodeAddress> {
    return this.#masters
  }

  /** Everybody who can be asked for the next table: masters first. */
  get nodes(): readonly NodeAddress[] {
    return [...this.#masters.values(), ...this.#replicas.values()]
  }

  owner(slot: number): string | undefined {
    return this.#owners[slot]
  }

  /** What one refusal has taught, until the next table. */
  move(slot: number, address: NodeAddress): void {
    this.#owners[slot] = nodeName(address)
    this.#masters.set(nodeName(address), address)
  }

  /** Masters that have slots here which were another's before. */
  gainedSince(before: SlotTable): readonly string[] {
    const gained = new Set<string>()
    for (let slot = 0; slot < SLOTS; slot++) {
      const owner = this.#owners[slot]
      if (owner !== undefined && owner !== before.#owners[slot]) gained.add(owner)
    }
    return [...gained]
  }

  #add(range: SlotRange | undefined): void {
    const [master, ...replicas] = range?.nodes ?? []
    if (range === undefined || master === undefined) return
    this.#owners.fill(nodeName(master), range.from, range.to + 1)
    this.#masters.set(nodeName(master), master)
    for (const replica of replicas) this.#replicas.set(nodeName(replica), replica)
  }
}

export function nodeName({ host, port }: NodeAddress): string {
  return `${host}:${port}`
}

function rangeOf(reply: RedisReply, asked: NodeAddress): SlotRange | undefined {
  const [from, to, ...nodes] = Array.isArray(reply) ? (reply as readonly RedisReply[]) : []
  if (typeof from !== 'number' || typeof to !== 'number') return undefined
  return { from, to, nodes: nodes.flatMap((node) => addressOf(node, asked)) }
}

function addressOf(reply: RedisReply, asked: NodeAddress): NodeAddress[] {
  const [name = null, port] = Array.isArray(reply) ? (reply as readonly RedisReply[]) : []
  if (typeof port !== 'number') return []
  const host = name instanceof Uint8Array ? Buffer.from(name).toString() : ''
  return [{ host: host === '' || host === '?' ? asked.host : host, port }]
}
