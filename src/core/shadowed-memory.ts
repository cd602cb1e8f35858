/**
 * The memory of a collection while a share of its hits is compared with the source. It takes the place of
 * the plain one in the space, so that the hit path asks nothing while nobody compares.
 */

import type { RemovalCause } from '../contracts/events.ts'
import type { MemoryEntry, MemorySpace } from '../contracts/memory-tier.ts'
import type { CacheKey } from '../contracts/source.ts'

export class ShadowedMemory implements MemorySpace {
  readonly #memory: MemorySpace
  readonly #onHit: (key: CacheKey) => void

  constructor(memory: MemorySpace, onHit: (key: CacheKey) => void) {
    this.#memory = memory
    this.#onHit = onHit
  }

  hit(key: CacheKey, now: number): Promise<unknown> | undefined {
    const answer = this.#memory.hit(key, now)
    if (answer !== undefined) this.#onHit(key)
    return answer
  }

  get entries(): number {
    return this.#memory.entries
  }

  get perReader(): boolean {
    return this.#memory.perReader
  }

  find(key: CacheKey, now: number): MemoryEntry | undefined {
    return this.#memory.find(key, now)
  }

  handOut(value: unknown): unknown {
    return this.#memory.handOut(value)
  }

  vouch(key: CacheKey): boolean {
    return this.#memory.vouch(key)
  }

  noteUse(key: CacheKey): void {
    this.#memory.noteUse(key)
  }

  removeIdle(from: number, before: number): { readonly next: number; readonly removed: number } {
    return this.#memory.removeIdle(from, before)
  }

  store(key: CacheKey, entry: MemoryEntry): void {
    this.#memory.store(key, entry)
  }

  remove(key: CacheKey, cause: RemovalCause): boolean {
    return this.#memory.remove(key, cause)
  }

  clear(cause: RemovalCause): number {
    return this.#memory.clear(cause)
  }

  keys(now: number): Iterable<CacheKey> {
    return this.#memory.keys(now)
  }

  sizeOf(key: CacheKey): number {
    return this.#memory.sizeOf(key)
  }
}
