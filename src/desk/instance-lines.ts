/** Which instances of the cache are there, and how far they follow its changes. */

import type { SharedSession } from '../contracts/shared-tier.ts'

export interface InstanceLine {
  readonly instance: string
  /** Shards that it has told of within the last 10 s. */
  readonly shards: number
  /** Since the last beat of the shard that has waited longest, by the server's clock. */
  readonly lastBeatMs: number
  /** Changes that it does not know yet, over all shards. */
  readonly behind: number
}

/** By name; those that have beaten within the last 10 s. @throws TierError */
export async function instanceLines(session: SharedSession): Promise<readonly InstanceLine[]> {
  const lines = new Map<string, InstanceLine>()
  for (let shard = 0; shard < session.shards; shard += 1) {
    const [standings, moment] = await Promise.all([
      session.standings(shard),
      session.follow({ shard, epoch: undefined, cursor: Number.MAX_SAFE_INTEGER, beat: false }),
    ])
    for (const { instance, epoch, cursor, ageMs } of standings) {
      const known = lines.get(instance)
      const missing =
        epoch === moment.epoch ? Math.max(0, moment.sequence - cursor) : moment.sequence
      lines.set(instance, {
        instance,
        shards: (known?.shards ?? 0) + 1,
        lastBeatMs: Math.max(known?.lastBeatMs ?? 0, ageMs),
        behind: (known?.behind ?? 0) + missing,
      })
    }
  }
  return [...lines.values()].sort((one, other) => (one.instance < other.instance ? -1 : 1))
}
