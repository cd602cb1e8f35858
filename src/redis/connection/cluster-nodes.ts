/**
 * The links to the nodes of a cluster, by name. Kept by `ClusterConnection`, which says whom there
 * is a link to.
 */

import { TierError } from '../../contracts/errors.ts'
import { greetMaster } from './greet-master.ts'
import { type ClusterDoor, CONNECT_MS, type NodeAddress } from './node-client.ts'
import { NodeLink } from './node-link.ts'
import type { ConnectContext, RedisCommand, RedisReply } from './redis-connection.ts'
import { nodeName } from './slot-table.ts'

export interface ClusterNodesOptions {
  readonly context: ConnectContext
  readonly door: ClusterDoor
  readonly onReady: (node: string, again: boolean) => void
  readonly onDown: (node: string, fault: string, wasReady: boolean) => void
}

export class ClusterNodes {
  readonly #options: ClusterNodesOptions
  readonly #links = new Map<string, NodeLink>()
  /** Of `ask`, for as long as it takes. */
  readonly #passing = new Set<NodeLink>()
  #closed = false

  constructor(options: ClusterNodesOptions) {
    this.#options = options
  }

  /** Links to others end. */
  keep(addresses: ReadonlyMap<string, NodeAddress>): void {
    for (const [name, link] of this.#links) {
      if (addresses.has(name)) continue
      this.#links.delete(name)
      link.close()
    }
    for (const address of addresses.values()) this.open(address)
  }

  /** The link to a node, as it is or newly opened. @throws TierError after `close`. */
  open(address: NodeAddress): NodeLink {
    const name = nodeName(address)
    const known = this.#links.get(name)
    if (known !== undefined) return known
    if (this.#closed) throw new TierError('redis', 'The connection has been closed.')
    const { context, door, onReady, onDown } = this.#options
    const link = new NodeLink({
      name,
      clock: context.clock,
      random: context.random,
      openMs: CONNECT_MS,
      open: async () => door.open(door.translate(address)),
      greet: greetMaster,
      onReady: (again) => onReady(name, again),
      onDown: (fault, wasReady) => onDown(name, fault, wasReady),
    })
    this.#links.set(name, link)
    return link
  }

  isReady(name: string): boolean {
    return this.#links.get(name)?.isReady ?? false
  }

  /** Resolves when the first attempt to reach each of them is over. */
  async settled(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.settled))
  }

  /** @throws TierError if there is no link of the name, or it fails. */
  async send(name: string, commands: readonly RedisCommand[]): Promise<readonly RedisReply[]> {
    const link = this.#links.get(name)
    if (link === undefined) throw new TierError('redis', `There is no master ${name} now.`)
    return await link.send(commands)
  }

  /** Asks a node that there may be no link to, which may be a replica. @throws TierError */
  async ask(address: NodeAddress, command: RedisCommand): Promise<RedisReply> {
    const { context, door } = this.#options
    const known = this.#links.get(nodeName(address))
    if (known?.isReady) return (await known.send([command]))[0] ?? null
    if (this.#closed) throw new TierError('redis', 'The connection has been closed.')
    const link = new NodeLink({
      name: nodeName(address),
      clock: context.clock,
      random: context.random,
      openMs: CONNECT_MS,
      open: async () => door.open(door.translate(address)),
      greet: async () => undefined,
    })
    this.#passing.add(link)
    try {
      await link.settled
      return (await link.send([command]))[0] ?? null
    } finally {
      this.#passing.delete(link)
      link.close()
    }
  }

  close(): void {
    this.#closed = true
    for (const link of [...this.#links.values(), ...this.#passing]) link.close()
    this.#links.clear()
  }
}
