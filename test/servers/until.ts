/** Waiting for what other processes do. Used by the servers here and by tests against them. */

import { setTimeout as pause } from 'node:timers/promises'

export interface Patience {
  /** @default 15000 */
  readonly withinMs?: number
  /** @default 10 */
  readonly everyMs?: number
}

/**
 * Resolves when the condition holds; a condition that throws does not hold yet.
 *
 * @throws Error that names what was waited for, after `withinMs`.
 */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  { withinMs = 15_000, everyMs = 10 }: Patience = {},
): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await quietly(holds))) {
    if (performance.now() > end) throw new Error(`Waited ${withinMs} ms in vain: ${what}.`)
    await pause(everyMs)
  }
}

async function quietly(holds: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await holds()
  } catch {
    return false
  }
}
