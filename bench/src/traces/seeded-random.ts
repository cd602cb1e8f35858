/** Chance that can be repeated: benchmarks and generated traces are the same in every run. */

/**
 * Numbers from 0 (included) to 1 (excluded) by a 32-bit counter mixed by multiplication; each seed
 * starts its own sequence.
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296
  }
}
