/**
 * Those who wait for a plain read of the shared tier: one caller of one key, and one caller of many.
 * Made by `keyspace.ts`, answered by `SharedHits`.
 */

import type { MemorySpace } from '../contracts/memory-tier.ts'
import type { Asked } from './flight.ts'
import type { AheadLoad } from './refresh-ahead.ts'
import type { HitAsker } from './shared-ask.ts'

/** How a read goes on that no tier has answered at once. */
export interface Look<V> {
  /** Whether what is found nowhere is loaded. */
  readonly loads: boolean
  readonly ahead: AheadLoad | undefined
  readonly lookUp: (asked: Asked | undefined) => Promise<V | undefined>
}

/** A class and no closures: a thousand callers of one tick are as many objects, and nothing more. */
export class OneAsker<V> implements HitAsker {
  readonly #look: Look<V>
  readonly #memory: MemorySpace | undefined
  readonly #resolve: (value: V | undefined | Promise<V | undefined>) => void

  constructor(
    look: Look<V>,
    memory: MemorySpace | undefined,
    resolve: (value: V | undefined | Promise<V | undefined>) => void,
  ) {
    this.#look = look
    this.#memory = memory
    this.#resolve = resolve
  }

  get loads(): boolean {
    return this.#look.loads
  }

  get ahead(): AheadLoad | undefined {
    return this.#look.ahead
  }

  hit(value: unknown): void {
    this.#resolve(value as V | undefined)
  }

  open(asked: Asked | undefined): Promise<unknown> {
    const answer = this.#look.lookUp(asked)
    this.#resolve(answer)
    return answer
  }

  join(answer: Promise<unknown>): void {
    this.#resolve(ownOf(answer as Promise<V | undefined>, this.#memory))
  }
}

export interface ManyLook<V> {
  readonly loads: boolean
  readonly ahead: AheadLoad | undefined
  readonly count: number
  readonly lookUp: (at: number, asked: Asked | undefined) => Promise<V | undefined>
  readonly resolve: (values: readonly (V | undefined)[]) => void
  /** Of the first that fails. */
  readonly reject: (error: unknown) => void
}

export class ManyAsker<V> implements HitAsker {
  readonly #look: ManyLook<V>
  readonly #memory: MemorySpace | undefined
  readonly #values: (V | undefined)[]
  #left: number

  constructor(look: ManyLook<V>, memory: MemorySpace | undefined) {
    this.#look = look
    this.#memory = memory
    this.#values = new Array<V | undefined>(look.count).fill(undefined)
    this.#left = look.count
  }

  get loads(): boolean {
    return this.#look.loads
  }

  get ahead(): AheadLoad | undefined {
    return this.#look.ahead
  }

  hit(value: unknown, at: number): void {
    this.#values[at] = value as V | undefined
    this.#left -= 1
    if (this.#left === 0) this.#look.resolve(this.#values)
  }

  open(asked: Asked | undefined, at: number): Promise<unknown> {
    const answer = this.#look.lookUp(at, asked)
    this.wait(answer, at)
    return answer
  }

  join(answer: Promise<unknown>, at: number): void {
    this.wait(ownOf(answer as Promise<V | undefined>, this.#memory), at)
  }

  /** For a value that is on its way already. */
  wait(answer: Promise<V | undefined>, at: number): void {
    answer.then((value) => this.hit(value, at), this.#look.reject)
  }
}

/** What another caller was given, as it is handed out to this one. */
function ownOf<V>(
  answer: Promise<V | undefined>,
  memory: MemorySpace | undefined,
): Promise<V | undefined> {
  if (memory === undefined) return answer
  return answer.then((value) => (value === undefined ? value : (memory.handOut(value) as V)))
}
