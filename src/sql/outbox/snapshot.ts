/**
 * What a transaction of PostgreSQL sees: all that ended below `xmax`, but for the few in `running`.
 *
 * It says exactly which rows have been seen, however many there are, in no more room than there were
 * transactions under way.
 */

export interface Snapshot {
  /** Everything below has ended. */
  readonly xmin: bigint
  /** Nothing from here on had begun to be seen. */
  readonly xmax: bigint
  /** Between the two, and not ended. */
  readonly running: readonly bigint[]
}

/** As `pg_snapshot` is written: `100:104:100,102`. @throws TypeError if it is none. */
export function parseSnapshot(text: string): Snapshot {
  const match = /^(\d+):(\d+):([\d,]*)$/.exec(text)
  if (match === null) throw new TypeError(`The server answered \`${text}\` for a snapshot.`)
  const [, xmin = '', xmax = '', running = ''] = match
  return {
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    running: running === '' ? [] : running.split(',').map(BigInt),
  }
}

/** That has seen all below, and nothing from there on. */
export function snapshotAt(xid: bigint): Snapshot {
  return { xmin: xid, xmax: xid, running: [] }
}
