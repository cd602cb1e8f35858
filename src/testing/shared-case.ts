/** Makes the cases of `sharedTierSuite`: each begins with a session on an empty tier. */

import type { SharedSignal } from '../contracts/shared-tier.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { SharedSteps } from './shared-steps.ts'
import type { SharedTierSubject } from './shared-tier-subject.ts'

export type SharedCase = ConformanceCase<SharedTierSubject>

/** A case that moves the server's clock says so by `needs: ['settable-clock']`. */
export function sharedCase(
  name: string,
  run: (tier: SharedSteps, subject: SharedTierSubject) => Promise<void>,
  needs: readonly string[] = [],
): SharedCase {
  return {
    name,
    needs,
    async run(subject) {
      await run(await openSteps(subject), subject)
    },
  }
}

/** Another process on the same tier, unless it is of another name. */
export async function openSteps(subject: SharedTierSubject, name?: string): Promise<SharedSteps> {
  const session = subject.open(name)
  await session.ready
  return new SharedSteps(session, subject)
}

/** A session, and what it is told from now on. Asked only where hints are exact. */
export async function openListening(
  subject: SharedTierSubject,
): Promise<{ readonly tier: SharedSteps; readonly signals: SharedSignal[] }> {
  const session = subject.open()
  const signals: SharedSignal[] = []
  session.listen((signal) => void signals.push(signal))
  await session.ready
  // What was told before may still be on its way to it, such as from another node of a cluster.
  await subject.heard()
  signals.length = 0
  return { tier: new SharedSteps(session, subject), signals }
}
