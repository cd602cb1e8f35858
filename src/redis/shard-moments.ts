/**
 * Where each shard stands, as the last answer of one of its scripts has told.
 *
 * Plain reads carry no time of the server's: they are judged by that of the last answer, and the
 * monotonic time since it was asked for. So entries end a little early rather than late.
 */

import type { Clock } from '../contracts/clock.ts'
import type { ShardMoment } from '../contracts/shared-tier.ts'

interface Noted extends ShardMoment {
  /** On the monotonic clock. */
  readonly askedAt: number
}

export class ShardMoments {
  readonly #clock: Clock
  readonly #renewed: () => void
  readonly #noted = new Map<number, Noted>()

  /** `renewed`: the numbers of a shard have begun anew, maybe since all of it is gone. */
  constructor(clock: Clock, renewed: () => void = () => {}) {
    this.#clock = clock
    this.#renewed = renewed
  }

  note(moment: ShardMoment, askedAt: number): void {
    const known = this.#noted.get(moment.shard)
    if (known !== undefined && known.epoch !== moment.epoch) this.#renewed()
    this.#noted.set(moment.shard, { ...moment, askedAt })
  }

  /** `undefined`: no script of this shard has answered yet. */
  of(shard: number): ShardMoment | undefined {
    const noted = this.#noted.get(shard)
    if (noted === undefined) return undefined
    const { epoch, sequence, serverNow, askedAt } = noted
    return { shard, epoch, sequence, serverNow: serverNow + this.#clock.monotonic() - askedAt }
  }
}
