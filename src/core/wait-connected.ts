/** Waiting until every connected instance has applied a change (I10). */

import type { VersionToken } from '../contracts/options.ts'
import type { Engine } from './engine.ts'
import { type Moment, readVersionToken } from './version-token.ts'

/** Between two looks; instances tell how far they have followed about as often. */
const LOOK_EVERY_MS = 100

/**
 * Instances that had not applied the change after `timeoutMs`. Where the tier cannot be asked, or has
 * not taken the change, nobody can tell, and that is said as `*`.
 */
export async function unconfirmedBy(
  engine: Engine,
  version: VersionToken,
  timeoutMs: number,
): Promise<readonly string[]> {
  if (engine.shared === undefined) return []
  const change = readVersionToken(version)
  if (change.kind === 'source') return ['*']
  // Nobody tells how far the others are, nor who they are.
  if (engine.shared?.limits.has('following') === true) return ['*']
  const until = engine.clock.monotonic() + timeoutMs
  const waits = change.moments.map((moment) => unconfirmedIn(engine, moment, until))
  return [...new Set((await Promise.all(waits)).flat())].sort()
}

async function unconfirmedIn(
  engine: Engine,
  { shard, epoch, sequence }: Moment,
  until: number,
): Promise<readonly string[]> {
  for (;;) {
    const standings = await engine.shared?.access.standings(shard).catch(() => undefined)
    // Another epoch has dropped all that it held. Who has just begun has told no epoch yet, and may have
    // followed before the change and keep copies already: his next beat tells.
    const behind = standings?.filter((standing) => {
      return standing.epoch === '' || (standing.epoch === epoch && standing.cursor < sequence)
    })
    if (behind?.length === 0) return []
    if (engine.clock.monotonic() >= until || engine.closing.aborted) {
      return behind?.map(({ instance }) => instance) ?? ['*']
    }
    await new Promise<void>((resolve) => void engine.clock.schedule(LOOK_EVERY_MS, resolve))
  }
}
