/** Finding what to keep fresh before anyone asks: which keys are hot, and which will be. */

export { HeavyHitters, type HeavyHittersOptions, type HotKey } from './heavy-hitters.ts'
export { ReadSampler, type ReadSamplerOptions } from './read-sampler.ts'
