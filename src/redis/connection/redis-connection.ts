/**
 * What the steps of the Redis tier send commands through. `connectRedis` makes one from a user's
 * client; the scripts and steps of this room are the only callers.
 */

import type { Clock } from '../../contracts/clock.ts'
import type { Report } from '../../contracts/events.ts'
import type { Random } from '../../contracts/random.ts'
import type { RedisError } from './redis-error.ts'

export type RedisArgument = string | Uint8Array

/**
 * Every text of the server arrives as bytes, also `OK`: one of the drivers does not tell the two
 * kinds apart.
 */
export type RedisReply = null | number | string | Uint8Array | RedisError | readonly RedisReply[]

export type RedisCommand = readonly RedisArgument[]

/** What `connectRedis` needs besides the client; a part of what a tier is opened with. */
export interface ConnectContext {
  readonly clock: Clock
  readonly random: Random
  readonly report: Report
}

/** What one master answered. `node` names it in `sendTo`, for as long as it is a master. */
export interface NodeReplies {
  readonly node: string
  readonly replies: readonly RedisReply[]
}

/**
 * `lost`: nothing can be sent for now. `reconnected`: another connection, perhaps to another
 * server or with other data; also told when messages of a channel may have been missed, and before
 * a reply comes from another master of a cluster than those before.
 */
export interface ConnectionEvent {
  readonly kind: 'reconnected' | 'lost'
  /** Masters that are meant, where only some of a cluster are; absent: all. */
  readonly nodes?: readonly string[]
}

export interface RedisConnection {
  readonly kind: 'single' | 'cluster'
  readonly state: 'connecting' | 'ready' | 'closed'
  /**
   * Why commands cannot be sent, or messages do not come, in words: what the last attempt to connect
   * has met. `undefined` where nothing is in the way.
   */
  readonly fault: string | undefined
  /**
   * Resolves when commands can be sent for the first time: a failed attempt is followed by
   * another, without end. Rejects only if the connection is closed before.
   */
  readonly ready: Promise<void>
  /**
   * Sends commands in one write, answered in order; an error of the server is a value among the
   * replies. On a cluster all commands go to the master of `slotKey`'s slot.
   *
   * Nothing is ever sent again by itself, except what a node of a cluster refused to carry out
   * since it does not have the key; a batch with `MULTI` not even then.
   *
   * @throws TierError if there is no connection, or it was lost before the last reply: then the
   * commands may have been carried out.
   */
  send(slotKey: string, commands: readonly RedisCommand[]): Promise<readonly RedisReply[]>
  /**
   * Values of keys of any slots: one MGET on a single server, one write for each master on a
   * cluster. A master that could not be asked leaves an error in the places of its keys.
   *
   * @throws TierError on a single server, as `send` does.
   */
  getMany(keys: readonly string[]): Promise<readonly (Uint8Array | null | RedisError)[]>
  /**
   * Sends the same commands to every master once.
   *
   * @throws TierError if one of them could not be asked.
   */
  eachNode(commands: readonly RedisCommand[]): Promise<readonly NodeReplies[]>
  /**
   * Goes on with one master, by the name that `eachNode` or `nodeOf` gave.
   *
   * @throws TierError as `send` does, and if there is no such master now.
   */
  sendTo(node: string, commands: readonly RedisCommand[]): Promise<readonly RedisReply[]>
  /** The master that has the key's slot, as far as is known. */
  nodeOf(slotKey: string): string | undefined
  /**
   * Passes on messages of a channel as text, also after reconnects. Resolves when the server has
   * confirmed for the first time.
   *
   * @throws TierError if the server refuses, for instance for want of the right to the channel, or
   * if the connection is closed before.
   */
  subscribe(channel: string, listener: (message: string) => void): Promise<void>
  /**
   * The number of the connection that messages come over; each new one has another. `undefined` while
   * some channel is not confirmed on it: what is published then is lost.
   */
  readonly hearing: number | undefined
  onState(listener: (event: ConnectionEvent) => void): void
  /** Ends all connections at once; commands without a reply reject. Safe to call twice. */
  close(): Promise<void>
}
