/**
 * Names the run of this machine, from one start to the next. `openTierEngine` compares it with what
 * the file remembers: a power cut may have taken the last commits, and with them numbers that were
 * already handed out.
 */

import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'

/** Start times closer than this are one start, since clocks are corrected while a machine runs. */
const SAME_START_MS = 10 * 60_000

/** Where Linux says it in one word. Elsewhere the time of the start stands for it. */
export function machineRun(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return `start:${Math.round((Date.now() - uptime() * 1000) / SAME_START_MS)}`
  }
}
