/**
 * One follow at a time for a shard, however many ask for one.
 *
 * Whoever comes while one runs shares the next with all others who do, as theirs must be sent after
 * they asked. Of hints that ask, only the furthest is remembered: the next follow covers them all.
 */

interface Next {
  beat: boolean
  readonly promise: Promise<boolean>
  readonly resolve: (done: boolean) => void
}

/** What somebody heard of, and what is not known here yet. */
interface Heard {
  readonly epoch: string
  readonly upTo: number
}

export class FollowQueue {
  readonly #follow: (beat: boolean) => Promise<boolean>
  readonly #knows: (heard: Heard) => boolean
  #running: 'no' | 'beat' | 'read' = 'no'
  #closed = false
  #next: Next | undefined
  #heard: (Heard & { readonly beat: boolean }) | undefined

  /** `follow` must not reject. `knows`: whether what was heard of is known meanwhile. */
  constructor(parts: {
    readonly follow: (beat: boolean) => Promise<boolean>
    readonly knows: (heard: Heard) => boolean
  }) {
    this.#follow = parts.follow
    this.#knows = parts.knows
  }

  /** What the follow under way is, if there is one. */
  get running(): 'no' | 'beat' | 'read' {
    return this.#running
  }

  /** A follow that is sent after this call. @returns whether it brought everything. */
  ask(beat: boolean): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false)
    if (this.#running === 'no') return this.#run(beat)
    this.#next ??= { beat, ...Promise.withResolvers<boolean>() }
    this.#next.beat ||= beat
    return this.#next.promise
  }

  /** Follows unless what was heard of is known, or will be with the follow under way. */
  hear(heard: Heard, beat: boolean): void {
    if (this.#closed || this.#knows(heard)) return
    if (this.#running === 'no') {
      void this.#run(beat)
      return
    }
    const other = this.#heard
    const upTo =
      other === undefined || other.epoch === heard.epoch
        ? Math.max(heard.upTo, other?.upTo ?? 0)
        : // Of two epochs at once, nobody can say which is the later: nothing short of a follow will do.
          Number.POSITIVE_INFINITY
    this.#heard = { epoch: heard.epoch, upTo, beat: beat || other?.beat === true }
  }

  close(): void {
    this.#closed = true
    this.#next?.resolve(false)
    this.#next = undefined
    this.#heard = undefined
  }

  async #run(beat: boolean): Promise<boolean> {
    this.#running = beat ? 'beat' : 'read'
    this.#heard = undefined
    const done = await this.#follow(beat)
    this.#running = 'no'
    this.#goOn()
    return done
  }

  #goOn(): void {
    const next = this.#next
    const heard = this.#heard
    this.#next = undefined
    if (next !== undefined) {
      void this.#run(next.beat).then(next.resolve)
    } else if (heard !== undefined && !this.#knows(heard)) {
      void this.#run(heard.beat)
    }
  }
}
