/** What Node is started with where allocations are measured. */

/** Room for the garbage of a whole pass, so that no collection falls into it. */
export const allocationFlags: readonly string[] = [
  '--min-semi-space-size=256',
  '--max-semi-space-size=256',
]
