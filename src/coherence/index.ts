/** The process's side of coherence. Used where a cache is put together; core sees the contract alone. */

export { type CoherenceParts, createCoherence } from './create-coherence.ts'
export type { CoherenceMode } from './following-plan.ts'
