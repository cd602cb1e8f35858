/** One connection through a node-redis client that was made for it. Made by `node-redis-source.ts`. */

import { describeFault, redisErrorOf } from './describe-fault.ts'
import { Fault } from './fault.ts'
import type { NodeClient, ReplySink } from './node-client.ts'
import type { NodeRedisLike } from './node-redis-like.ts'
import type { RedisCommand } from './redis-connection.ts'
import { argumentForDriver, replyOfDriver } from './reply-of-driver.ts'

/** `$` and `+` of the protocol: texts of both kinds arrive as bytes. */
const asBytes = { typeMapping: { 36: Buffer, 43: Buffer } }

export class NodeRedisClient implements NodeClient {
  readonly #driver: NodeRedisLike
  #connecting: Promise<unknown> | undefined
  #destroyed = false

  constructor(driver: NodeRedisLike) {
    this.#driver = driver
  }

  onEnd(listener: (fault: string) => void): void {
    this.#driver.on('error', (error: unknown) => listener(describeFault(error)))
    this.#driver.on('end', () => listener('the connection was closed'))
  }

  async connect(): Promise<void> {
    const connecting = this.#driver.connect()
    this.#connecting = connecting
    try {
      await connecting
    } finally {
      this.#connecting = undefined
    }
  }

  /** What is sent in one tick, the driver writes in one go. */
  send(commands: readonly RedisCommand[], sink: ReplySink): void {
    for (const [index, command] of commands.entries()) {
      this.#driver.sendCommand(command.map(argumentForDriver), asBytes as never).then(
        (reply) => sink.reply(index, replyOfDriver(reply)),
        (error: unknown) => {
          const refused = redisErrorOf(error)
          if (refused === undefined) sink.fault(describeFault(error))
          else sink.reply(index, refused)
        },
      )
    }
  }

  async subscribe(channel: string, listener: (message: string) => void): Promise<void> {
    try {
      await this.#driver.subscribe(channel, (message) => listener(message))
    } catch (error) {
      throw redisErrorOf(error) ?? new Fault(describeFault(error))
    }
  }

  destroy(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    const destroy = (): void => this.#destroy()
    // Destroyed while it connects, the driver would connect all the same, and keep the socket for ever.
    if (this.#connecting === undefined) destroy()
    else this.#connecting.then(destroy, destroy)
  }

  #destroy(): void {
    try {
      this.#driver.destroy()
    } catch {
      // Version 5 says so if there is no connection any more.
    }
  }
}
