/** How shards are followed, and what that lets one say: worked out once from the cache's options. */

/**
 * `push`: beats, and hints between them. `poll`: beats alone. `at-most-once`: hints alone, and what
 * they leave out stays unknown until copies come to the end of their life.
 */
export type CoherenceMode =
  | { readonly kind: 'push' }
  /** At most 1,000 ms: slower is not served. */
  | { readonly kind: 'poll'; readonly everyMs: number }
  | { readonly kind: 'at-most-once' }

export interface FollowingPlan {
  /** Longest time between two beats; each is up to a fifth earlier, so that processes spread. */
  readonly beatMs: number
  /** Whether beats follow the shard. Otherwise only a shard that is not known is followed. */
  readonly beats: boolean
  /** Whether hints and doubts are heard. */
  readonly hears: boolean
  /** Whether what hints leave out is asked for. */
  readonly repairs: boolean
  /** Copies may be served for so long after a follow was sent. */
  readonly trustMs: number
  readonly connectedMs: number
}

const BEAT_MS = 400
const CONNECTED_MS = 1000
const SLOWEST_POLL_MS = 1000

export function followingPlan(mode: CoherenceMode, maxBlindnessMs: number): FollowingPlan {
  const push: FollowingPlan = {
    beatMs: BEAT_MS,
    beats: true,
    hears: true,
    repairs: true,
    trustMs: maxBlindnessMs,
    connectedMs: CONNECTED_MS,
  }
  switch (mode.kind) {
    case 'push':
      return push
    case 'poll': {
      const beatMs = Math.min(mode.everyMs, SLOWEST_POLL_MS)
      return {
        ...push,
        beatMs,
        hears: false,
        trustMs: Math.min(2 * beatMs, maxBlindnessMs),
        connectedMs: Math.max(2 * beatMs, CONNECTED_MS),
      }
    }
    case 'at-most-once': {
      const always = Number.POSITIVE_INFINITY
      return { ...push, beats: false, repairs: false, trustMs: always, connectedMs: always }
    }
    default:
      return mode satisfies never
  }
}
