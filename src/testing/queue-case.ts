/** Makes the cases of `sharedTierSuite` about writes that wait: a session on an empty tier, and its queue. */

import { type SharedCase, sharedCase } from './shared-case.ts'
import { QueueSteps } from './shared-queue-steps.ts'
import type { SharedSteps } from './shared-steps.ts'
import type { SharedTierSubject } from './shared-tier-subject.ts'

export function queueCase(
  name: string,
  run: (queue: QueueSteps, tier: SharedSteps, subject: SharedTierSubject) => Promise<void>,
  needs: readonly string[] = [],
): SharedCase {
  return sharedCase(name, (tier, subject) => run(new QueueSteps(tier), tier, subject), [
    'queues',
    ...needs,
  ])
}
