/** A master with one replica, over a link that can be cut, and for each worker a way that is switched. */

import { FaultProxy } from '../servers/fault-proxy.ts'
import type { RedisServer } from '../servers/redis-server.ts'
import { startReplicas } from '../servers/start-replicas.ts'
import { until } from '../servers/until.ts'
import { Relay } from './relay.ts'
import type { Site } from './site.ts'

/** A replica that was last heard of longer ago does not count. */
export const MAX_LAG_S = 2

export class ReplicaSite implements Site {
  readonly name: string
  readonly relays: readonly Relay[]
  /** Replicas that a master must have to be written to: all of them, or none. */
  readonly #needed: 0 | 1
  readonly #servers: AsyncDisposable
  readonly #links: FaultProxy[] = []
  #master: RedisServer
  #replica: RedisServer

  private constructor(
    parts: { readonly master: RedisServer; readonly replica: RedisServer },
    { servers, relays, needed }: Pick<ReplicaSite, 'relays'> & ReplicaSiteParts,
  ) {
    this.name = needed === 1 ? 'master and replica' : 'master and replica, unguarded'
    this.relays = relays
    this.#needed = needed
    this.#servers = servers
    this.#master = parts.master
    this.#replica = parts.replica
  }

  static async open(slots: number, needed: 0 | 1): Promise<ReplicaSite> {
    const servers = await startReplicas({ config: { 'min-replicas-max-lag': MAX_LAG_S } })
    const { master } = servers
    const [replica] = servers.replicas
    if (replica === undefined) throw new Error('There is no replica.')
    const relays = await Promise.all(Array.from({ length: slots }, () => Relay.start(master.port)))
    const site = new ReplicaSite({ master, replica }, { servers, relays, needed })
    await site.attach()
    return site
  }

  get master(): RedisServer {
    return this.#master
  }

  get replica(): RedisServer {
    return this.#replica
  }

  addressOf(slot: number): { readonly kind: 'single'; readonly port: number } {
    return { kind: 'single', port: this.relays[slot]?.port ?? 0 }
  }

  /** What the master writes from now on does not reach the replica, though both stand. */
  silence(): void {
    this.#links.at(-1)?.blackHole()
  }

  /** The replica is the master; it need not have a replica before it gets one. */
  async promote(): Promise<void> {
    // What was on its way is lost with the link.
    this.#links.at(-1)?.refuse()
    const next = this.#replica
    this.#replica = this.#master
    this.#master = next
    await next.call('CONFIG', 'SET', 'min-replicas-to-write', 0)
    await next.call('REPLICAOF', 'NO', 'ONE')
  }

  /** The replica follows the master. */
  async attach(): Promise<void> {
    const link = await FaultProxy.start(this.#master.port)
    this.#links.push(link)
    await this.#replica.call('REPLICAOF', '127.0.0.1', link.port)
    await until('the replica is in step', async () => {
      const info = await this.#master.info('replication')
      return info['slave0']?.includes('state=online') === true
    })
    await this.#master.call('CONFIG', 'SET', 'min-replicas-to-write', this.#needed)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.relays.map((relay) => relay[Symbol.asyncDispose]()))
    await Promise.all(this.#links.map((link) => link[Symbol.asyncDispose]()))
    await this.#servers[Symbol.asyncDispose]()
  }
}

interface ReplicaSiteParts {
  readonly servers: AsyncDisposable
  readonly needed: 0 | 1
}
