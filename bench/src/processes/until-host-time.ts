/** Waiting for a moment of the clock that processes share. Called where something is done at a rate. */

import { setTimeout as pause } from 'node:timers/promises'
import { hostNow } from './host-clock.ts'

/** Resolves at `at` (see `hostNow`), late by what a timer is late; at once if it is over. */
export async function untilHostTime(at: number): Promise<void> {
  const leftMs = at - hostNow()
  if (leftMs > 0) await pause(leftMs)
}
