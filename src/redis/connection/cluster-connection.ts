/**
 * A connection to a cluster: one link to each master, and commands to the master that has the slot.
 * Made by `connectRedis`.
 */

import { TierError } from '../../contracts/errors.ts'
import { ClusterMap } from './cluster-map.ts'
import { ClusterNodes } from './cluster-nodes.ts'
import { describeFault } from './describe-fault.ts'
import { Fault } from './fault.ts'
import { followRedirections, type Redirector } from './follow-redirections.ts'
import { gatherValues } from './gather-values.ts'
import { keySlot } from './key-slot.ts'
import { type ClusterSource, CONNECT_MS, type NodeAddress, type NodeClient } from './node-client.ts'
import type {
  ConnectContext,
  ConnectionEvent,
  NodeReplies,
  RedisCommand,
  RedisConnection,
  RedisReply,
} from './redis-connection.ts'
import { RedisError } from './redis-error.ts'
import { RenewedDoor } from './renewed-door.ts'
import { repeatUntilDone } from './repeat-until-done.ts'
import { nodeName, type SlotTable } from './slot-table.ts'
import { StateSignal } from './state-signal.ts'
import { Subscriber } from './subscriber.ts'

/** Keys on a master that is not known yet would be missed by whoever asks every one. */
const TABLE_MAX_AGE_MS = 1000

/** What there is once the driver has shown how nodes are connected to. */
interface Parts {
  readonly nodes: ClusterNodes
  readonly map: ClusterMap
}

export class ClusterConnection implements RedisConnection {
  readonly kind = 'cluster'
  readonly #source: ClusterSource
  readonly #context: ConnectContext
  readonly #signal: StateSignal
  readonly #subscriber: Subscriber
  readonly #ready = Promise.withResolvers<void>()
  readonly #door: RenewedDoor
  #isSearching = false
  #endSearch: () => void = () => {}
  #parts: Parts | undefined
  #fault = 'it is being connected to'
  #state: 'connecting' | 'ready' | 'closed' = 'connecting'

  constructor(source: ClusterSource, context: ConnectContext) {
    const { clock, random, report } = context
    this.#source = source
    this.#context = context
    this.#door = new RenewedDoor(source)
    this.#signal = new StateSignal(context)
    this.#subscriber = new Subscriber({
      name: source.name,
      clock,
      random,
      openMs: CONNECT_MS,
      open: async () => this.#openSubscriber(),
      onAgain: () => this.#signal.tell({ kind: 'reconnected' }),
      report,
    })
    // Nobody has to wait for it.
    this.#ready.promise.catch(() => {})
    this.#search()
  }

  get state(): 'connecting' | 'ready' | 'closed' {
    return this.#state
  }

  get fault(): string | undefined {
    return this.#state === 'ready' ? this.#subscriber.fault : this.#fault
  }

  get ready(): Promise<void> {
    return this.#ready.promise
  }

  async send(slotKey: string, commands: readonly RedisCommand[]): Promise<readonly RedisReply[]> {
    const { map, table } = this.#known()
    const slot = keySlot(slotKey)
    const owner = table.owner(slot)
    if (owner === undefined) {
      map.doubt()
      throw new TierError('redis', `No master of the cluster has slot ${slot}.`)
    }
    return await this.#sendFrom(owner, commands)
  }

  async getMany(keys: readonly string[]): Promise<readonly (Uint8Array | null | RedisError)[]> {
    const { table } = this.#known()
    return await gatherValues(keys, {
      owner: (slot) => table.owner(slot),
      send: (node, commands) => this.#sendFrom(node, commands),
    })
  }

  async eachNode(commands: readonly RedisCommand[]): Promise<readonly NodeReplies[]> {
    const { map, nodes } = this.#known()
    if (!(await map.freshen(TABLE_MAX_AGE_MS))) {
      throw new TierError('redis', 'No node of the cluster tells which masters there are.')
    }
    const names = [...(map.table?.masters.keys() ?? [])]
    return await Promise.all(
      names.map(async (node) => ({ node, replies: await nodes.send(node, commands) })),
    )
  }

  async sendTo(node: string, commands: readonly RedisCommand[]): Promise<readonly RedisReply[]> {
    return await this.#known().nodes.send(node, commands)
  }

  nodeOf(slotKey: string): string | undefined {
    return this.#parts?.map.table?.owner(keySlot(slotKey))
  }

  get hearing(): number | undefined {
    return this.#subscriber.hearing
  }

  subscribe(channel: string, listener: (message: string) => void): Promise<void> {
    return this.#subscriber.subscribe(channel, listener)
  }

  onState(listener: (event: ConnectionEvent) => void): void {
    this.#signal.listen(listener)
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#fault = 'the connection has been closed'
    this.#endSearch()
    this.#parts?.map.close()
    this.#parts?.nodes.close()
    this.#subscriber.close()
    this.#ready.reject(new TierError('redis', 'The connection has been closed.'))
  }

  /**
   * At the start, and whenever none of the nodes answers: all of them may have other addresses by now,
   * which only the names lead to that the user gave.
   */
  #search(): void {
    if (this.#isSearching || this.#state === 'closed') return
    this.#isSearching = true
    const { clock, random } = this.#context
    const attempt = async (): Promise<boolean> => {
      this.#isSearching = !(await this.#find())
      return !this.#isSearching
    }
    this.#endSearch = repeatUntilDone({ clock, random, attempt })
  }

  /** One attempt to find the cluster. Never rejects. */
  async #find(): Promise<boolean> {
    try {
      await this.#door.renew()
      this.#parts ??= this.#makeParts()
      const { map, nodes } = this.#parts
      if (!(await map.refresh())) throw new Fault('no node of the cluster tells its slots')
      await nodes.settled()
    } catch (error) {
      if (this.#state === 'closed') return true
      this.#fault = describeFault(error)
      this.#signal.failed(this.#source.name, this.#fault)
      return false
    }
    this.#signal.recovered(this.#source.name)
    if (this.#state === 'connecting') {
      this.#state = 'ready'
      this.#ready.resolve()
    }
    return true
  }

  #makeParts(): Parts {
    if (this.#state === 'closed') throw new Fault('the connection has been closed')
    const { clock, random } = this.#context
    const door = this.#door
    const nodes = new ClusterNodes({
      context: this.#context,
      door,
      onReady: (node) => this.#up(node),
      onDown: (node, fault, wasReady) => this.#down(node, fault, wasReady),
    })
    const onTable = (table: SlotTable, before: SlotTable | undefined): void =>
      this.#take(nodes, table, before)
    const onNobody = (): void => this.#search()
    const map = new ClusterMap({ clock, random, nodes, seeds: () => door.seeds, onTable, onNobody })
    return { nodes, map }
  }

  #take(nodes: ClusterNodes, table: SlotTable, before: SlotTable | undefined): void {
    nodes.keep(table.masters)
    this.#signal.retain(new Set([...table.masters.keys(), this.#source.name]))
    // The others tell when they are connected to.
    const gained =
      before === undefined ? [] : table.gainedSince(before).filter(nodes.isReady, nodes)
    if (gained.length > 0) this.#signal.tell({ kind: 'reconnected', nodes: gained })
  }

  #up(node: string): void {
    this.#signal.recovered(node)
    if (this.#state === 'ready') this.#signal.tell({ kind: 'reconnected', nodes: [node] })
  }

  #down(node: string, fault: string, wasReady: boolean): void {
    this.#signal.failed(node, fault)
    if (wasReady) this.#signal.tell({ kind: 'lost', nodes: [node] })
    this.#parts?.map.doubt()
  }

  async #sendFrom(node: string, commands: readonly RedisCommand[]): Promise<readonly RedisReply[]> {
    const { nodes, map } = this.#known()
    const redirector: Redirector = {
      onMoved: ({ slot, address }) => this.#moved(slot, address),
      send: async (address, detour) => {
        const link = nodes.open(address)
        await link.settled
        return await link.send(detour)
      },
    }
    const replies = await nodes.send(node, commands)
    if (replies.some(isClusterDown)) map.doubt()
    return await followRedirections({ node, commands, replies }, redirector)
  }

  /** Told before anything is sent there: its numbers may not follow those of the old master. */
  #moved(slot: number, address: NodeAddress): void {
    const { map, table } = this.#known()
    map.doubt()
    if (table.owner(slot) === nodeName(address)) return
    table.move(slot, address)
    this.#signal.tell({ kind: 'reconnected', nodes: [nodeName(address)] })
  }

  /** Any node passes on the messages of all. */
  #openSubscriber(): NodeClient {
    const { nodes, table } = this.#known()
    const known = [...table.masters.values()]
    const ready = known.filter((address) => nodes.isReady(nodeName(address)))
    const choice = ready.length > 0 ? ready : known
    const address = choice[Math.floor(this.#context.random.next() * choice.length)]
    if (address === undefined) throw new Fault('no node of the cluster tells its slots')
    return this.#door.open(this.#door.translate(address))
  }

  #known(): Parts & { readonly table: SlotTable } {
    const parts = this.#parts
    const table = parts?.map.table
    if (parts !== undefined && table !== undefined && this.#state !== 'closed') {
      return { ...parts, table }
    }
    throw new TierError('redis', `Nothing was sent to the Redis cluster: ${this.#fault}.`)
  }
}

function isClusterDown(reply: RedisReply): boolean {
  return reply instanceof RedisError && reply.code === 'CLUSTERDOWN'
}
