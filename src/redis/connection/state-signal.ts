/** What a connection tells of itself: to its listeners as it happens, and as failures to people. */

import { TierError } from '../../contracts/errors.ts'
import type { ConnectContext, ConnectionEvent } from './redis-connection.ts'

export class StateSignal {
  readonly #context: ConnectContext
  readonly #listeners: ((event: ConnectionEvent) => void)[] = []
  /** What was reported last of a node that is down; `retain` bounds it. */
  readonly #reported = new Map<string, string>()

  constructor(context: ConnectContext) {
    this.#context = context
  }

  listen(listener: (event: ConnectionEvent) => void): void {
    this.#listeners.push(listener)
  }

  tell(event: ConnectionEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  /** Attempts that fail in the same way are reported once. */
  failed(node: string, fault: string): void {
    if (this.#reported.get(node) === fault) return
    this.#reported.set(node, fault)
    const error = new TierError('redis', `Redis at ${node} cannot be reached: ${fault}.`)
    this.#context.report({ type: 'tier-failure', tier: 'shared', operation: 'connect', error })
  }

  /** Other nodes are none any more. */
  retain(nodes: ReadonlySet<string>): void {
    for (const node of this.#reported.keys()) if (!nodes.has(node)) this.#reported.delete(node)
  }

  recovered(node: string): void {
    this.#reported.delete(node)
  }
}
