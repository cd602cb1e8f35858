/** What stands as the last event has told: breakers, the way to the shared tier, queues, clean-ups, audits. */

import type { CacheEvent, ConnectionEvent } from '../contracts/events.ts'
import type { QueueSight } from '../contracts/write-behind.ts'

type Breaker = 'closed' | 'half-open' | 'open'

interface BreakerSignal {
  readonly tier: 'shared' | 'source'
  readonly pattern: string
  readonly state: Breaker
}

export interface QueueSignal {
  waiting: number
  bytes: number
  oldestMs: number
  dead: number
  away: boolean
  /** On the monotonic clock: when a write was refused or had to wait for room. */
  fullAt: number
  /** When it was heard of last. */
  heardAt: number
}

/** Collections are declared, and bounded. */
const MAX_PATTERNS = 1_001

export class Signals {
  /** By tier and pattern. */
  readonly breakers: Map<string, BreakerSignal> = new Map()
  readonly queues: Map<string, QueueSignal> = new Map()
  /** Values that were not what the source has, by pattern, and when that was heard last. */
  readonly shadow: Map<string, { different: number; heardAt: number }> = new Map()
  /** Why changes of others do not reach this process; `undefined`: they do. */
  blind: string | undefined
  /** Why the shared tier is not asked. */
  away: string | undefined
  cleanUpFailures = 0
  staleCopies = 0

  /** @returns whether it says anything of how the cache is. */
  hear(event: CacheEvent, nowMs: number): boolean {
    switch (event.type) {
      case 'connection':
        this.#connection(event)
        return true
      case 'queue': {
        const queue = this.#queue(event.pattern, nowMs)
        if (queue === undefined) return false
        queue.waiting = event.waiting
        queue.oldestMs = event.oldestMs
        queue.heardAt = nowMs
        if (event.state === 'dead') queue.dead += event.count
        if (event.state === 'away') queue.away = true
        else if (event.state !== 'retried' && event.state !== 'lost') queue.away = false
        return true
      }
      case 'queue-status': {
        const queue = this.#queue(event.pattern, nowMs)
        if (queue === undefined) return false
        queue.waiting = event.waiting
        queue.oldestMs = event.oldestMs
        queue.heardAt = nowMs
        queue.dead = event.deadLetters
        return true
      }
      case 'write': {
        if (event.outcome !== 'failed' || codeOf(event.error) !== 'queue-full') return false
        const queue = this.#queue(event.pattern, nowMs)
        if (queue !== undefined) queue.fullAt = nowMs
        return true
      }
      case 'shadow': {
        if (event.outcome !== 'different') return false
        const { different = 0 } = this.shadow.get(event.pattern) ?? {}
        if (this.shadow.size < MAX_PATTERNS || different > 0) {
          this.shadow.set(event.pattern, { different: different + event.count, heardAt: nowMs })
        }
        return true
      }
      case 'clean-up':
        this.cleanUpFailures = 0
        return true
      case 'clean-up-failed':
        this.cleanUpFailures += 1
        return true
      case 'audit':
        // One that could judge nothing says nothing.
        if (event.consistent + event.stale > 0) this.staleCopies = event.stale
        return true
      default:
        return false
    }
  }

  /** What stands between events: who carries the writes out knows of the oldest, others know of none. */
  see(queues: readonly QueueSight[], nowMs: number): void {
    for (const { pattern, waiting, bytes, oldestMs = 0 } of queues) {
      const queue = this.#queue(pattern, nowMs)
      if (queue !== undefined) Object.assign(queue, { waiting, bytes, oldestMs, heardAt: nowMs })
    }
  }

  /** Whether something becomes worse by time alone. */
  get grows(): boolean {
    for (const { waiting } of this.queues.values()) if (waiting > 0) return true
    return false
  }

  #connection({ tier, pattern, state, reason }: ConnectionEvent): void {
    if (state === 'followed') this.blind = undefined
    else if (state === 'blind') this.blind = reason
    else {
      const id = `${tier} ${pattern}`
      if (this.breakers.size >= MAX_PATTERNS && !this.breakers.has(id)) return
      this.breakers.set(id, { state, tier, pattern })
      if (tier === 'shared') this.away = state === 'closed' ? undefined : reason
    }
  }

  #queue(pattern: string, nowMs: number): QueueSignal | undefined {
    const known = this.queues.get(pattern)
    if (known !== undefined || this.queues.size >= MAX_PATTERNS) return known
    const fullAt = Number.NEGATIVE_INFINITY
    const made = { waiting: 0, bytes: 0, oldestMs: 0, dead: 0, away: false, fullAt, heardAt: nowMs }
    this.queues.set(pattern, made)
    return made
  }
}

/** The oldest grows older while nothing is told. */
export function ageOf({ waiting, oldestMs, heardAt }: QueueSignal, nowMs: number): number {
  return waiting === 0 ? 0 : oldestMs + nowMs - heardAt
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
