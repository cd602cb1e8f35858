/** Makes the cases of `sharedTierSuite`: each begins with a session on an empty tier. */

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
  return new SharedSteps(session)
}
