/** A trace file as a stream of keys: the door to the formats. Called by the replay. */

import { adaptsizeTrace } from './adaptsize-trace.ts'
import { arcTrace } from './arc-trace.ts'
import { be32Trace } from './be32-trace.ts'
import { be64Trace } from './be64-trace.ts'
import { keysTrace } from './keys-trace.ts'
import { lirsTrace } from './lirs-trace.ts'
import { openBytes } from './open-bytes.ts'
import { oracleGeneralTrace } from './oracle-general-trace.ts'
import type { TraceFormat, TraceReader } from './trace-format.ts'

const readers: Readonly<Record<TraceFormat, TraceReader>> = {
  lirs: lirsTrace,
  be32: be32Trace,
  be64: be64Trace,
  arc: arcTrace,
  adaptsize: adaptsizeTrace,
  'oracle-general': oracleGeneralTrace,
  keys: keysTrace,
}

/**
 * The keys of the trace in `path`, in order, some at a time.
 *
 * @throws UsageError if the file cannot be read or is not of the format.
 */
export function readTrace(path: string, format: TraceFormat): AsyncIterable<readonly string[]> {
  return readers[format](openBytes(path))
}
