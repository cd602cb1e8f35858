/**
 * The replacement policies of a memory tier, one for each priority in use: the lower one gives up
 * all it holds before the next is asked. Only `EntryTable` calls it.
 */

import type {
  ReplacementPolicy,
  ReplacementPolicyFactory,
} from '../contracts/replacement-policy.ts'

/** Priorities there are; ranks go from 0, the first to leave, to 3. */
const RANKS = 4

export class PriorityLanes {
  readonly #make: () => ReplacementPolicy
  readonly #policies: (ReplacementPolicy | undefined)[] = new Array(RANKS).fill(undefined)
  readonly #held: number[] = new Array(RANKS).fill(0)
  #capacity = 0
  /** The policy, while one priority alone is in use: a hit then need not look up the entry's rank. */
  sole: ReplacementPolicy | undefined

  constructor(factory: ReplacementPolicyFactory, expected: number) {
    this.#make = () => factory(expected)
  }

  resize(capacity: number): void {
    this.#capacity = capacity
    for (const policy of this.#policies) policy?.resize(capacity)
  }

  admit(rank: number, slot: number, hash: number): void {
    this.#policyOf(rank).admit(slot, hash)
    this.#held[rank] = (this.#held[rank] ?? 0) + 1
  }

  touch(rank: number, slot: number): void {
    this.#policies[rank]?.touch(slot)
  }

  remove(rank: number, slot: number): void {
    this.#policies[rank]?.remove(slot)
    this.#held[rank] = (this.#held[rank] ?? 0) - 1
  }

  /** Chooses the entry to leave among those of `highest` rank or lower; -1 if there is none. */
  evict(highest: number): number {
    for (let rank = 0; rank <= highest; rank += 1) {
      const held = this.#held[rank] ?? 0
      if (held === 0) continue
      const slot = this.#policies[rank]?.evict() ?? -1
      if (slot === -1) continue
      this.#held[rank] = held - 1
      return slot
    }
    return -1
  }

  clear(): void {
    for (const policy of this.#policies) policy?.clear()
    this.#held.fill(0)
  }

  #policyOf(rank: number): ReplacementPolicy {
    const policy = this.#policies[rank]
    if (policy !== undefined) return policy
    const made = this.#make()
    made.resize(this.#capacity)
    this.#policies[rank] = made
    this.sole = this.#policies.filter((one) => one !== undefined).length === 1 ? made : undefined
    return made
  }
}
