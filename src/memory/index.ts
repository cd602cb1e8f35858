/** The door of the memory room. */

export type { MemoryEntry, MemorySpace, MemoryTier } from '../contracts/memory-tier.ts'
export { duelFifoPolicy } from './duel-fifo-policy.ts'
export type { MemoryBounds } from './memory-bounds.ts'
export { createMemoryTier, type MemoryTierParts } from './memory-tier.ts'
export { memoryTier, type SharedMemoryOptions } from './shared-memory-tier.ts'
export { SystemClock } from './system-clock.ts'
export { SystemRandom } from './system-random.ts'
