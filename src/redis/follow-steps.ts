/** Following a shard, and who else does. */

import { TierError } from '../contracts/errors.ts'
import type { FollowAnswer, FollowRequest, InstanceStanding } from '../contracts/shared-tier.ts'
import type { RedisConnection, RedisReply } from './connection/redis-connection.ts'
import { RedisError } from './connection/redis-error.ts'
import { errorOfReply } from './error-of-reply.ts'
import { itemKeys } from './item-keys.ts'
import { keyArgs } from './key-args.ts'
import { readChange } from './read-change.ts'
import { followScript } from './scripts/follow-script.ts'
import { leaveScript } from './scripts/leave-script.ts'
import { readReply } from './scripts/read-reply.ts'
import { reapScript } from './scripts/reap-script.ts'
import type { StepRunner } from './step-runner.ts'

/** An instance that has not beaten for longer does not stand any more. */
const STANDING_MS = 10_000
const STANDING = /^(\d+) (\d+) (\S*) (.*)$/s

export interface FollowStepsOptions {
  readonly runner: StepRunner
  readonly connection: RedisConnection
  /** As people know this process. */
  readonly instance: string
}

export class FollowSteps {
  readonly #options: FollowStepsOptions

  constructor(options: FollowStepsOptions) {
    this.#options = options
  }

  async follow(session: string, request: FollowRequest): Promise<FollowAnswer> {
    const { runner, instance } = this.#options
    const { shard, cursor, beat } = request
    const { answer, moment } = await runner.run(followScript, shard, {
      keys: { instances: runner.names.instances(shard) },
      args: {
        cursorEpoch: request.epoch ?? '',
        cursor: String(cursor),
        beat: beat ? '1' : '0',
        instance,
      },
      items: [],
      sender: { session, operation: 0, epoch: '' },
    })
    const { floor, taggedFloor, upTo, members, overdue } = answer
    if (overdue.length > 0) await this.#reap(shard, overdue)
    const changes = members.flatMap(({ member, number }) => readChange(member, number) ?? [])
    return { ...moment, floor, taggedFloor, upTo, changes }
  }

  /** Writes of the dead end, whoever follows. What was followed stands without it. */
  async #reap(shard: number, ids: readonly string[]): Promise<void> {
    const { runner } = this.#options
    try {
      await runner.run(reapScript, shard, {
        keys: {},
        args: {},
        items: ids.map((id) => ({
          keys: itemKeys(runner.names, shard, { id }),
          args: keyArgs({ id }),
        })),
      })
    } catch (error) {
      // The next follow tries again.
      if (!(error instanceof TierError)) throw error
    }
  }

  async leave(shard: number, session: string): Promise<void> {
    const { runner } = this.#options
    await runner.run(leaveScript, shard, {
      keys: { instances: runner.names.instances(shard) },
      args: {},
      items: [],
      sender: { session, operation: 0, epoch: '' },
    })
  }

  async standings(shard: number): Promise<readonly InstanceStanding[]> {
    const { connection, runner } = this.#options
    const key = runner.names.instances(shard)
    const [time, standings] = await connection.send(key, [['TIME'], ['HGETALL', key]])
    const [seconds, micros] = listOf(time).map(readReply.number)
    const now = (seconds ?? 0) * 1000 + Math.floor((micros ?? 0) / 1000)
    return textsOf(standings).flatMap((text) => standingOf(text, now) ?? [])
  }
}

function standingOf(text: string, now: number): InstanceStanding | undefined {
  const [, beatenAt, cursor, epoch = '', instance = ''] = STANDING.exec(text) ?? []
  if (beatenAt === undefined) return undefined
  const ageMs = Math.max(0, now - Number(beatenAt))
  return ageMs > STANDING_MS ? undefined : { instance, epoch, cursor: Number(cursor), ageMs }
}

function listOf(reply: RedisReply | undefined): readonly RedisReply[] {
  if (reply instanceof RedisError) throw errorOfReply(reply)
  return readReply.list(reply)
}

/** The values of a hash: every second of the reply, or those of a map. */
function textsOf(reply: RedisReply | undefined): readonly string[] {
  return listOf(reply)
    .filter((_, index) => index % 2 === 1)
    .map(readReply.text)
}
