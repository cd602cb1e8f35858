/**
 * Sends scripts and reads their replies.
 *
 * A script is sent whole until a server has answered it once, by its digest afterwards: so the
 * mutations of one tick keep their order also on a server that knows none of them yet.
 */

import { TierError } from '../contracts/errors.ts'
import type { RedisCommand, RedisConnection, RedisReply } from './connection/redis-connection.ts'
import { RedisError } from './connection/redis-error.ts'
import { errorOfReply } from './error-of-reply.ts'
import type { Script, ScriptCall, ScriptNames } from './scripts/script.ts'

export class ScriptRunner {
  readonly #connection: RedisConnection
  /** Digests with the slot they were answered in: at most scripts times shards. */
  readonly #known = new Set<string>()

  constructor(connection: RedisConnection) {
    this.#connection = connection
    // Another server, or one that was started anew, knows no scripts.
    connection.onState(() => this.#known.clear())
  }

  /** @throws TierError if it was not answered, or refused. */
  async run<N extends ScriptNames, R>(
    script: Script<N, R>,
    slotKey: string,
    call: ScriptCall<N>,
  ): Promise<R> {
    const parameters = script.parameters(call)
    const place = this.#connection.kind === 'cluster' ? `${script.sha} ${slotKey}` : script.sha
    const whole = (): RedisCommand => ['EVAL', script.source, ...parameters]
    const first = this.#known.has(place) ? ['EVALSHA', script.sha, ...parameters] : whole()
    let reply = await this.#one(slotKey, first)
    if (reply instanceof RedisError && reply.code === 'NOSCRIPT') {
      // It has forgotten the others as well: each of them sent by its digest would come after later steps.
      this.#known.clear()
      reply = await this.#one(slotKey, whole())
    }
    if (reply instanceof RedisError) throw errorOfReply(reply)
    this.#known.add(place)
    return readOf(script, reply)
  }

  async #one(slotKey: string, command: RedisCommand): Promise<RedisReply> {
    const [reply] = await this.#connection.send(slotKey, [command])
    if (reply === undefined) throw new TierError('redis', 'Redis answered without a reply.')
    return reply
  }
}

function readOf<N extends ScriptNames, R>(script: Script<N, R>, reply: RedisReply): R {
  try {
    return script.read(reply)
  } catch (cause) {
    const message = `Redis answered the script ${script.name} in an unknown form.`
    throw new TierError('redis', message, { cause })
  }
}
