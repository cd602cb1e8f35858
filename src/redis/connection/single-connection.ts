/** A connection to one master, perhaps found by sentinels. Made by `connectRedis`. */

import { TierError } from '../../contracts/errors.ts'
import { greetMaster } from './greet-master.ts'
import type { SingleSource } from './node-client.ts'
import { NodeLink } from './node-link.ts'
import type {
  ConnectContext,
  ConnectionEvent,
  NodeReplies,
  RedisCommand,
  RedisConnection,
  RedisReply,
} from './redis-connection.ts'
import { RedisError } from './redis-error.ts'
import { StateSignal } from './state-signal.ts'
import { Subscriber } from './subscriber.ts'

export class SingleConnection implements RedisConnection {
  readonly kind = 'single'
  readonly #name: string
  readonly #signal: StateSignal
  readonly #link: NodeLink
  readonly #subscriber: Subscriber
  #closed = false

  constructor(source: SingleSource, context: ConnectContext) {
    const { name, openMs } = source
    const { clock, random, report } = context
    const way = { name, clock, random, openMs, open: () => source.open() }
    this.#name = name
    this.#signal = new StateSignal(context)
    this.#subscriber = new Subscriber({
      ...way,
      onAgain: () => this.#signal.tell({ kind: 'reconnected' }),
      report,
    })
    this.#link = new NodeLink({
      ...way,
      greet: greetMaster,
      onReady: (again) => this.#up(again),
      onDown: (fault, wasReady) => this.#down(fault, wasReady),
    })
  }

  get state(): 'connecting' | 'ready' | 'closed' {
    if (this.#closed) return 'closed'
    return this.#link.isReady ? 'ready' : 'connecting'
  }

  get fault(): string | undefined {
    return this.#link.fault ?? this.#subscriber.fault
  }

  get ready(): Promise<void> {
    return this.#link.ready
  }

  send(_slotKey: string, commands: readonly RedisCommand[]): Promise<readonly RedisReply[]> {
    return this.#link.send(commands)
  }

  async getMany(keys: readonly string[]): Promise<readonly (Uint8Array | null | RedisError)[]> {
    if (keys.length === 0) return []
    const [values] = await this.#link.send([['MGET', ...keys]])
    if (values instanceof RedisError) return keys.map(() => values)
    return values as readonly (Uint8Array | null)[]
  }

  async eachNode(commands: readonly RedisCommand[]): Promise<readonly NodeReplies[]> {
    return [{ node: this.#name, replies: await this.#link.send(commands) }]
  }

  async sendTo(node: string, commands: readonly RedisCommand[]): Promise<readonly RedisReply[]> {
    if (node !== this.#name) throw new TierError('redis', `There is no server ${node} now.`)
    return await this.#link.send(commands)
  }

  nodeOf(): string {
    return this.#name
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
    this.#closed = true
    this.#link.close()
    this.#subscriber.close()
  }

  #up(again: boolean): void {
    this.#signal.recovered(this.#name)
    if (!again) return
    // What sends messages may be another server now, while the old one is still there and silent.
    this.#subscriber.restart('the master may be another one')
    this.#signal.tell({ kind: 'reconnected' })
  }

  #down(fault: string, wasReady: boolean): void {
    this.#signal.failed(this.#name, fault)
    if (wasReady) this.#signal.tell({ kind: 'lost' })
  }
}
