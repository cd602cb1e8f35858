/** What is counted in one seed, and summed up over all. */

export interface Tally {
  /** Answered reads. */
  reads: number
  /** Of reads that tell where their value came from. */
  told: number
  memory: number
  shared: number
  stale: number
  failedReads: number
  writes: number
  unprotectedWrites: number
  failedWrites: number
  removals: number
  pendingRemovals: number
  /** Writes behind: acknowledged; queued by a true master; of these, in the place of one that waited. */
  behind: number
  queued: number
  replaced: number
  /** Records that were taken, by other owners than before; what the database did with them. */
  taken: number
  takeovers: number
  applied: number
  superseded: number
  dead: number
  flushes: number
  failedFlushes: number
}

export function newTally(): Tally {
  return {
    reads: 0,
    told: 0,
    memory: 0,
    shared: 0,
    stale: 0,
    failedReads: 0,
    writes: 0,
    unprotectedWrites: 0,
    failedWrites: 0,
    removals: 0,
    pendingRemovals: 0,
    behind: 0,
    queued: 0,
    replaced: 0,
    taken: 0,
    takeovers: 0,
    applied: 0,
    superseded: 0,
    dead: 0,
    flushes: 0,
    failedFlushes: 0,
  }
}

export function addTally(sum: Tally, more: Tally): void {
  for (const name of Object.keys(more) as (keyof Tally)[]) sum[name] += more[name]
}

/** Share of the reads that were answered from a cache. */
export function hitRate({ told, memory, shared }: Tally): number {
  return told === 0 ? 0 : (memory + shared) / told
}
