/**
 * Runs the steps of one shard: adds what every script of a shard takes, and notes where the shard
 * stands afterwards. Used by the files that are named `…-steps.ts`.
 */

import type { Clock } from '../contracts/clock.ts'
import { TierError } from '../contracts/errors.ts'
import type { Random } from '../contracts/random.ts'
import type { ShardMoment } from '../contracts/shared-tier.ts'
import type { Late, Sender } from '../shard/index.ts'
import type { RedisArgument } from './connection/redis-connection.ts'
import type { KeyNames, ShardKeys } from './key-names.ts'
import type { ScriptRunner } from './script-runner.ts'
import type { ShardArg, ShardKey, StepReply, StepScript } from './scripts/define-step.ts'
import type { ScriptItem, ScriptNames } from './scripts/script.ts'
import { ShardMovedError } from './servers/shard-moved-error.ts'
import type { ShardMoments } from './shard-moments.ts'

const LEAST_JUMP = 2 ** 20
/** 64 bits, nearly: each entry carries its epoch. */
const EPOCH_LENGTH = 16

export interface StepRunnerOptions {
  readonly runner: ScriptRunner
  readonly names: KeyNames
  readonly moments: ShardMoments
  readonly clock: Clock
  readonly random: Random
  /** Entries that an event stream keeps; `undefined`: there is none. */
  readonly eventsMax: number | undefined
}

export interface StepCall<N extends ScriptNames> {
  readonly keys: Readonly<Record<Exclude<N['keys'], ShardKey>, string>>
  readonly args: Readonly<Record<Exclude<N['args'], ShardArg>, RedisArgument>>
  readonly items: readonly ScriptItem<N>[]
  readonly sender?: Sender | undefined
}

export interface Stepped<A> {
  readonly answer: A
  readonly moment: ShardMoment
}

export class StepRunner {
  readonly names: KeyNames
  readonly #options: StepRunnerOptions

  constructor(options: StepRunnerOptions) {
    this.names = options.names
    this.#options = options
  }

  /** A step that is no mutation, so that it is always carried out. @throws TierError */
  async run<N extends ScriptNames, A>(
    script: StepScript<N, A>,
    shard: number,
    call: StepCall<N>,
  ): Promise<Stepped<A>> {
    const askedAt = this.#options.clock.monotonic()
    const reply = await this.#send(script, this.names.of(shard), shard, call)
    const moment = this.#note(shard, reply, askedAt)
    return { answer: carried(reply), moment }
  }

  /** @throws TierError */
  async mutate<N extends ScriptNames, A>(
    script: StepScript<N, A>,
    shard: number,
    call: StepCall<N>,
  ): Promise<Stepped<A> | Late> {
    const askedAt = this.#options.clock.monotonic()
    const reply = await this.#send(script, this.names.of(shard), shard, call)
    const moment = this.#note(shard, reply, askedAt)
    const { outcome } = reply
    if (outcome === 'overtaken' || outcome === 'epoch' || outcome === 'overdue') {
      return { late: outcome, moment }
    }
    return { answer: carried(reply), moment }
  }

  /** A step on the locks, which are no shard. @throws TierError */
  async runOnLocks<N extends ScriptNames, A>(
    script: StepScript<N, A>,
    call: StepCall<N>,
  ): Promise<A> {
    return carried(await this.#send(script, this.names.locks, -1, call))
  }

  #note(
    shard: number,
    { epoch, sequence, serverNow }: StepReply<unknown>,
    askedAt: number,
  ): ShardMoment {
    const moment = { shard, epoch, sequence, serverNow }
    this.#options.moments.note(moment, askedAt)
    return moment
  }

  async #send<N extends ScriptNames, A>(
    script: StepScript<N, A>,
    shardKeys: ShardKeys,
    shard: number,
    { keys, args, items, sender }: StepCall<N>,
  ): Promise<StepReply<A>> {
    const { runner, names, random, eventsMax } = this.#options
    const shardArgs: Record<ShardArg, RedisArgument> = {
      drawn: random.id().slice(0, EPOCH_LENGTH),
      jump: String(LEAST_JUMP + Math.floor(random.next() * LEAST_JUMP)),
      channel: names.channel,
      shard: String(shard),
      eventsMax: eventsMax === undefined || shard < 0 ? '' : String(eventsMax),
      session: sender?.session ?? '',
      operation: String(sender?.operation ?? 0),
      senderEpoch: sender?.epoch ?? '',
      untilMs: sender?.until === undefined ? '' : String(Math.floor(sender.until)),
    }
    const reply = await runner.run(script, shardKeys.control, {
      // Both halves are complete by their types; the compiler cannot join them for an open `N`.
      keys: { ...shardKeys, ...keys } as Readonly<Record<N['keys'], string>>,
      args: { ...shardArgs, ...args } as Readonly<Record<N['args'], RedisArgument>>,
      items,
    })
    if (reply.outcome !== 'moved') return reply
    throw new ShardMovedError({ shard, version: reply.movedAt, epoch: reply.epoch })
  }
}

function carried<A>({ outcome, answer }: StepReply<A>): A {
  if (outcome === 'carried') return answer as A
  throw new TierError('redis', 'A step that nothing can overtake was answered as overtaken.')
}
