/** The first follow of the shared tier, as one read waits for it. Called by `lookup.ts`. */

import type { Engine } from './engine.ts'
import type { ResolvedTimeouts } from './space.ts'
import { untilAborted } from './until-aborted.ts'
import { within } from './within.ts'

export interface BeginningWait {
  readonly signal: AbortSignal | undefined
  readonly timeouts: ResolvedTimeouts
}

/**
 * Waits for `beginning`, but no longer than half of the caller's hard timeout: the other half is left for
 * loading past the tier, which is not asked then (`seek-shared.ts`).
 *
 * @returns how long it took, in milliseconds.
 * @throws the caller's abort reason.
 */
export async function awaitBeginning(
  { clock }: Engine,
  beginning: Promise<void>,
  { signal, timeouts }: BeginningWait,
): Promise<number> {
  const since = clock.monotonic()
  const late = new Error('The first follow takes longer than this read can wait.')
  const begun = within(clock, timeouts.hardMs / 2, beginning, () => late)
  await untilAborted(signal, () => begun.catch(() => {}))
  return clock.monotonic() - since
}
