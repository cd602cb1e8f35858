/** The shortest plan that still breaks the same guarantee: what is needless is left out, part by part. */

import type { Plan } from './plan.ts'
import { drawSeed, type Outcome, playSeed, type SeedRequest } from './play-seed.ts'
import type { Rooms } from './rooms.ts'

export interface Shrunk {
  readonly plan: Plan
  readonly outcome: Outcome
}

/** Runs at most. */
const MAX_TRIES = 1_500

/** `undefined`: the seed breaks nothing. */
export async function shrink(rooms: Rooms, request: SeedRequest): Promise<Shrunk | undefined> {
  const search = new Search(rooms, request)
  return await search.run(drawSeed(request.seed, request.profile).plan)
}

class Search {
  readonly #rooms: Rooms
  readonly #request: SeedRequest
  #tries = 0

  constructor(rooms: Rooms, request: SeedRequest) {
    this.#rooms = rooms
    this.#request = request
  }

  async run(whole: Plan): Promise<Shrunk | undefined> {
    const { violation } = await this.#play(whole)
    if (violation === undefined) return undefined
    const { guarantee, at } = violation
    const fails = async (plan: Plan): Promise<boolean> =>
      (await this.#play(plan)).violation?.guarantee === guarantee
    const until = <T extends { readonly at: number }>(parts: readonly T[]): readonly T[] =>
      parts.filter((part) => part.at <= at)
    let plan: Plan = whole
    const early = { operations: until(plan.operations), faults: until(plan.faults) }
    if (await fails(early)) plan = early
    const faults = await this.#fewer(plan.faults, (left) => fails({ ...plan, faults: left }))
    plan = { ...plan, faults }
    const operations = await this.#fewer(plan.operations, (left) =>
      fails({ ...plan, operations: left }),
    )
    plan = { ...plan, operations }
    return { plan, outcome: await this.#play(plan, 'traced') }
  }

  /** Ever smaller parts are left out, for as long as the rest still fails. */
  async #fewer<T>(
    all: readonly T[],
    fails: (left: readonly T[]) => Promise<boolean>,
  ): Promise<readonly T[]> {
    let left = all
    for (
      let size = Math.ceil(all.length / 2);
      size >= 1;
      size = size === 1 ? 0 : Math.ceil(size / 2)
    ) {
      for (let from = 0; from < left.length && this.#tries < MAX_TRIES; ) {
        const rest = [...left.slice(0, from), ...left.slice(from + size)]
        if (await fails(rest)) left = rest
        else from += size
      }
    }
    return left
  }

  #play(plan: Plan, how: 'plain' | 'traced' = 'plain'): Promise<Outcome> {
    this.#tries += 1
    return playSeed(this.#rooms, { ...this.#request, plan, traced: how === 'traced' })
  }
}
