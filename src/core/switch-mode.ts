/**
 * Switching a collection from one mode to another, at once and under load (H6).
 *
 * Nothing asks for the mode on the hit path: what is kept here is taken away from the space, or given
 * back to it. While it is away no change reaches it, so it is emptied first; and whatever is on its way
 * at the switch may have come by another rule than the one that counts now, so it is handed out and not
 * kept.
 */

import type { CacheMode } from '../contracts/mode.ts'
import type { Space } from './space.ts'

export const MODES: readonly CacheMode[] = ['on', 'memory', 'shared', 'off']

/** Only these decide what a mode means for a read. */
const keepsHere = (mode: CacheMode): boolean => mode === 'on' || mode === 'memory'
export const asksShared = ({ mode }: Pick<Space, 'mode'>): boolean =>
  mode === 'on' || mode === 'shared'

/** `false`: it was switched so already. */
export function switchMode(space: Space, mode: CacheMode): boolean {
  if (mode === space.mode) return false
  space.mode = mode
  // Copies that are not looked after would be served as they were when it is switched back.
  if (!keepsHere(mode)) space.declaredMemory?.clear('invalidated')
  arrangeMemory(space)
  space.reservations.killAll()
  return true
}

/** What the hit path finds, by the mode. */
export function arrangeMemory(space: Space): void {
  const memory = keepsHere(space.mode) ? space.declaredMemory : undefined
  space.memory = memory && (space.shadow?.over(memory) ?? memory)
}
