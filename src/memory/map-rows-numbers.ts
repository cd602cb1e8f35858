/** The change numbers of one shard in this process's memory. Part of `MapRows`. */

import type { MemberNumber } from '../shard/index.ts'

/** Kinds that count as tags: removed ones and expired ones. */
const TAG_KINDS = ['t', 'x']

export class MapNumbers {
  /** By kind, which is a member's first character. */
  readonly #kinds = new Map<string, Map<string, number>>()

  get highest(): number {
    let highest = 0
    for (const numbers of this.#kinds.values()) {
      for (const number of numbers.values()) highest = Math.max(highest, number)
    }
    return highest
  }

  of(members: readonly string[]): ReadonlyMap<string, number> {
    const found = new Map<string, number>()
    for (const member of members) {
      const number = this.#kinds.get(member.charAt(0))?.get(member)
      if (number !== undefined) found.set(member, number)
    }
    return found
  }

  ofKind(kind: string): ReadonlyMap<string, number> {
    return new Map(this.#kinds.get(kind))
  }

  above(least: number, limit: number): readonly MemberNumber[] {
    const found: MemberNumber[] = []
    for (const numbers of this.#kinds.values()) {
      for (const [member, number] of numbers) if (number > least) found.push({ member, number })
    }
    return found.sort((a, b) => a.number - b.number).slice(0, limit)
  }

  set(numbers: ReadonlyMap<string, number>): void {
    for (const [member, number] of numbers) {
      const kind = member.charAt(0)
      const known = this.#kinds.get(kind) ?? new Map<string, number>()
      if (known.size === 0) this.#kinds.set(kind, known)
      known.set(member, number)
    }
  }

  remove(members: readonly string[]): void {
    for (const member of members) this.#kinds.get(member.charAt(0))?.delete(member)
  }

  /** The highest number forgotten, or 0. */
  forgetTags(keep: number): number {
    const kinds = TAG_KINDS.flatMap((kind) => this.#kinds.get(kind) ?? [])
    const excess = kinds.reduce((sum, { size }) => sum + size, 0) - keep
    if (excess <= 0) return 0
    const tags = kinds.flatMap((numbers) => [...numbers])
    const forgotten = tags.sort(([, a], [, b]) => a - b).slice(0, excess)
    this.remove(forgotten.map(([member]) => member))
    return forgotten.at(-1)?.[1] ?? 0
  }

  clear(): void {
    this.#kinds.clear()
  }
}
