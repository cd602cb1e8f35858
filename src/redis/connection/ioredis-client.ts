/** One connection through an ioredis client that was made for it. Made by `ioredis-source.ts`. */

import { describeFault, redisErrorOf } from './describe-fault.ts'
import { Fault } from './fault.ts'
import type { IoredisLike } from './ioredis-like.ts'
import type { NodeClient, ReplySink } from './node-client.ts'
import type { RedisCommand } from './redis-connection.ts'
import { argumentForDriver, replyOfDriver } from './reply-of-driver.ts'

type Callback = (error: unknown, reply?: unknown) => void

export class IoredisClient implements NodeClient {
  readonly #driver: IoredisLike
  /** By channel, of which there are as many as were subscribed to. */
  readonly #listeners = new Map<string, (message: string) => void>()
  #destroyed = false
  #isHolding = false

  constructor(driver: IoredisLike) {
    this.#driver = driver
  }

  onEnd(listener: (fault: string) => void): void {
    this.#driver.on('error', (error: unknown) => listener(describeFault(error)))
    this.#driver.on('end', () => listener('the connection was closed'))
  }

  async connect(): Promise<void> {
    await this.#driver.connect()
  }

  send(commands: readonly RedisCommand[], sink: ReplySink): void {
    this.#issue(commands, sink)
    this.#holdWrites()
  }

  #issue(commands: readonly RedisCommand[], sink: ReplySink): void {
    const [only] = commands
    if (commands.length === 1 && only !== undefined) {
      const settle = settler(0, sink)
      this.#driver
        .callBuffer(nameOf(only), ...argumentsOf(only))
        .then((reply) => settle(undefined, reply), settle)
      return
    }
    const pipeline = this.#driver.pipeline()
    for (const [index, command] of commands.entries()) {
      pipeline.callBuffer(nameOf(command), ...argumentsOf(command), settler(index, sink))
    }
    // Its commands report by themselves, one by one.
    pipeline.exec().catch(() => {})
  }

  /**
   * The driver writes each command by itself. The first of a tick leaves at once, since it is most often
   * the only one; what is sent after it goes out in one go.
   */
  #holdWrites(): void {
    const socket = this.#driver.stream
    if (this.#isHolding || socket === undefined) return
    this.#isHolding = true
    socket.cork()
    process.nextTick(() => {
      this.#isHolding = false
      socket.uncork()
    })
  }

  async subscribe(channel: string, listener: (message: string) => void): Promise<void> {
    // One for all channels: the driver warns of many.
    if (this.#listeners.size === 0) {
      this.#driver.on('message', (of, message) => {
        if (typeof of === 'string' && typeof message === 'string')
          this.#listeners.get(of)?.(message)
      })
    }
    this.#listeners.set(channel, listener)
    try {
      await this.#driver.subscribe(channel)
    } catch (error) {
      throw redisErrorOf(error) ?? new Fault(describeFault(error))
    }
  }

  destroy(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    this.#driver.disconnect()
    // `disconnect` says goodbye and waits, which a stopped server never answers.
    this.#driver.stream?.destroy()
  }
}

/**
 * Lets go of whoever waited once it has told them: the driver's queues refer to commands that are over until
 * the next full collection of garbage.
 */
function settler(index: number, sink: ReplySink): Callback {
  let waiting: ReplySink | undefined = sink
  return (error, reply) => {
    const told = waiting
    waiting = undefined
    if (error === null || error === undefined) told?.reply(index, replyOfDriver(reply))
    else if (told !== undefined) settleError(error, index, told)
  }
}

function settleError(error: unknown, index: number, sink: ReplySink): void {
  const refused = redisErrorOf(error)
  if (refused === undefined) sink.fault(describeFault(error))
  else sink.reply(index, refused)
}

/** In capitals: under other names the driver changes arguments and replies of some commands. */
function nameOf(command: RedisCommand): string {
  const [name = ''] = command
  return (typeof name === 'string' ? name : Buffer.from(name).toString()).toUpperCase()
}

function argumentsOf(command: RedisCommand): (string | Buffer)[] {
  return command.slice(1).map(argumentForDriver)
}
