/**
 * The patterns that are told apart: a bounded number, declared ones before learned ones, and `other`
 * for the rest. What `other` stands for can be counted, not told.
 */

import { PatternFigures } from './pattern-figures.ts'

/** What is beyond the limit. */
export const OTHER = 'other'
/** Plain keys together. */
export const PLAIN = '*'

export class PatternTable {
  readonly #limit: number
  readonly #isDeclared: (pattern: string) => boolean
  readonly #byPattern = new Map<string, PatternFigures>()
  readonly #other = new PatternFigures(OTHER)
  #folded = 0

  constructor(limit: number, isDeclared: (pattern: string) => boolean) {
    this.#limit = limit
    this.#isDeclared = isDeclared
  }

  /** Where the figures of a pattern are counted. */
  of(pattern: string): PatternFigures {
    const known = this.#byPattern.get(pattern)
    if (known !== undefined) return known
    if (pattern === OTHER) return this.#other
    const declared = pattern === PLAIN || this.#isDeclared(pattern)
    if (this.#byPattern.size >= this.#limit && !(declared && this.#fold())) {
      return this.#other
    }
    const made = new PatternFigures(pattern)
    this.#byPattern.set(pattern, made)
    return made
  }

  /** All that something was counted of, `other` among them. */
  *[Symbol.iterator](): Generator<PatternFigures> {
    yield* this.#byPattern.values()
    if (this.#other.reads > 0 || this.#folded > 0 || this.#other.latency.length > 0) {
      yield this.#other
    }
  }

  /** Where it is counted why entries of a pattern have left; `undefined`: nowhere apart. */
  leavingOf(pattern: string): PatternFigures | undefined {
    return this.#byPattern.get(this.#isDeclared(pattern) ? pattern : PLAIN)
  }

  /** Learned patterns that had to make room. */
  get folded(): number {
    return this.#folded
  }

  /** Makes room for a declared one: the learned one that is read least is counted as `other` from now on. */
  #fold(): boolean {
    let least: PatternFigures | undefined
    for (const figures of this.#byPattern.values()) {
      const { pattern } = figures
      if (pattern === PLAIN || this.#isDeclared(pattern)) continue
      if (least === undefined || figures.reads < least.reads) least = figures
    }
    if (least === undefined) return false
    this.#byPattern.delete(least.pattern)
    this.#other.merge(least)
    this.#folded += 1
    return true
  }
}
