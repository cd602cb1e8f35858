/** The process's side of coherence. Used where a cache is put together; core sees the contract alone. */

export { createCoherence } from './create-coherence.ts'
