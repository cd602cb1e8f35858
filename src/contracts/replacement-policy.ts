/**
 * Decides which entry leaves the memory tier when room is needed.
 *
 * A policy knows slots only: small numbers that name places in the tier's columns. It keeps its
 * state in typed arrays indexed by slot and allocates nothing for each entry. Only `memory/` calls
 * it. Defined by `replacementPolicySuite` in `tiercel/testing`.
 */
export interface ReplacementPolicy {
  readonly name: string
  /** The slot holds a new entry. `hash` is the key's, to recognise one that was here before. */
  admit(slot: number, hash: number): void
  /** The entry in the slot was read. On the hit path: a few instructions, no allocation. */
  touch(slot: number): void
  /** The entry in the slot has left, for whatever reason but `evict`. */
  remove(slot: number): void
  /** Chooses the entry to leave and forgets it; -1 if it holds none. */
  evict(): number
  /** Slots from 0 to `capacity` - 1 may be named from now on. Only ever grows. */
  resize(capacity: number): void
  /** Forgets everything. */
  clear(): void
}

/** Makes the policy for entries of one priority. `expected`: entries it will hold at most. */
export type ReplacementPolicyFactory = (expected: number) => ReplacementPolicy
