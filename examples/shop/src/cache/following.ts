/** How this instance stands to the others and to what they share, for the status page. */

import type { Cache, CoherenceState } from 'tiercel'

export interface FollowingReport {
  /**
   * Whether changes of other instances reach this one; `unknown` while the cache cannot tell.
   * `blind`: its copies are served for five seconds more, then it asks the others' tier or the source.
   */
  readonly state: 'followed' | 'blind' | 'unknown'
  /** Messages of changes. */
  readonly hints: number
  /** Changes that no message told, found by looking. */
  readonly gaps: number
  /** Looks that were answered. */
  readonly follows: number
  /** Of the shared tier; while it is `open`, nothing is asked there. */
  readonly breaker: 'closed' | 'open' | 'half-open'
  /** Why, in the cache's words; empty before the first change. */
  readonly reason: string
}

export class Following {
  readonly #listener: Disposable
  #breaker: FollowingReport['breaker'] = 'closed'
  #reason = ''

  constructor(cache: Pick<Cache, 'on'>) {
    this.#listener = cache.on('connection', ({ tier, state, reason }) => {
      if (tier !== 'shared' || state === 'followed' || state === 'blind') return
      this.#breaker = state
      this.#reason = reason
    })
  }

  /** `coherence` as the cache's usage has it. */
  report(coherence: CoherenceState | undefined): FollowingReport {
    const { hints = 0, gaps = 0, follows = 0 } = coherence ?? {}
    const state = stateOf(coherence)
    return { state, hints, gaps, follows, breaker: this.#breaker, reason: this.#reason }
  }

  stop(): void {
    this.#listener[Symbol.dispose]()
  }
}

function stateOf(coherence: CoherenceState | undefined): FollowingReport['state'] {
  if (coherence === undefined) return 'unknown'
  return coherence.connected === coherence.shards ? 'followed' : 'blind'
}
