import type { PendingSteps } from '../contracts/pending-steps.ts'

/**
 * The steps of a queue whose store keeps versions. If the tier forgets with the machine that a write was
 * settled, it is carried out again, and the store answers that it has it; anything written since is newer.
 * So the tier need not wait for its disk, as it must for a store that would write it once more.
 */
export function repeatableSettles(steps: PendingSteps): PendingSteps {
  const settle: PendingSteps['settle'] = (requests) =>
    steps.settle(requests.map((one) => ({ ...one, isRepeatable: true })))
  return Object.create(steps, { settle: { value: settle } })
}
