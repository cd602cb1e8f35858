/**
 * Which thresholds are crossed. One is raised when its value crosses it, and cleared when the value has
 * come back by a tenth of it, so that a value that sways about it does not tell each time.
 */

import type { AlertEvent } from '../contracts/events.ts'
import type { Alert, HealthCode, HealthState } from '../contracts/health.ts'

/** One measured value, and what it is measured against. */
export interface Measured {
  readonly code: HealthCode
  readonly pattern: string
  readonly value: number
  readonly threshold: number
  /** Where trouble is. */
  readonly when: 'above' | 'below'
  /** Of the cache, while it is raised; `healthy`: an alert, and nothing that health suffers by. */
  readonly state: HealthState
  readonly message: string
  readonly cure: string
}

export interface Raised extends Alert {
  readonly state: HealthState
}

/** Each is one code of one pattern; what is beyond is not told of. */
const MAX_RAISED = 1_000

export class Alarms {
  readonly #raised = new Map<string, Raised>()

  /** Everything that is measured now; what is not measured any more is cleared. */
  judge(measured: readonly Measured[], now: number): AlertEvent[] {
    const events: AlertEvent[] = []
    const seen = new Set<string>()
    for (const one of measured) {
      const id = `${one.code} ${one.pattern}`
      seen.add(id)
      const before = this.#raised.get(id)
      const isRaised = before === undefined ? crosses(one) : !hasComeBack(one)
      if (isRaised && (before !== undefined || this.#raised.size < MAX_RAISED)) {
        this.#raised.set(id, raisedBy(one, before?.since ?? now))
        if (before === undefined) events.push(told(one, 'raised'))
      } else if (before !== undefined) {
        this.#raised.delete(id)
        events.push(told({ ...one, cure: '' }, 'cleared'))
      }
    }
    for (const [id, { since: _, ...alert }] of this.#raised) {
      if (seen.has(id)) continue
      this.#raised.delete(id)
      events.push(told({ ...alert, message: 'It is over.', cure: '' }, 'cleared'))
    }
    return events
  }

  get raised(): readonly Raised[] {
    return [...this.#raised.values()]
  }
}

function raisedBy(
  { code, pattern, value, threshold, state, message, cure }: Measured,
  since: number,
): Raised {
  return { code, pattern, value, threshold, state, message, cure, since }
}

function told(
  { state: health, code, pattern, value, threshold, message, cure }: Omit<Measured, 'when'>,
  state: AlertEvent['state'],
): AlertEvent {
  return { type: 'alert', code, pattern, state, health, value, threshold, message, cure }
}

function crosses({ value, threshold, when }: Measured): boolean {
  return when === 'above' ? value >= threshold : value < threshold
}

function hasComeBack({ value, threshold, when }: Measured): boolean {
  if (when === 'above') return value <= threshold * 0.9 && value < threshold
  // A hit rate ends at 1, where a tenth more may lie beyond.
  return value >= Math.min(threshold * 1.1, (threshold + 1) / 2)
}
