/**
 * Numbers that look random and are the same for the same seed, for `seed.ts`.
 *
 * The generator is xorshift with 32 bits (Marsaglia, "Xorshift RNGs", 2003).
 */
export class SeededNumbers {
  #state: number

  /** `seed` is a whole number other than 0, which xorshift would never leave. */
  constructor(seed: number) {
    this.#state = seed
  }

  /** From 0, below 1. */
  share(): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) / 2 ** 32
  }

  /** A whole number from `lowest` to `highest`, both included. */
  between(lowest: number, highest: number): number {
    return lowest + Math.floor(this.share() * (highest - lowest + 1))
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.between(0, choices.length - 1)] ?? choices[0]
  }
}
