/** The requests of a replay as a stream; asked for twice, once for the rows and once to replay. */

import { readTrace } from '../traces/read-trace.ts'
import { zipfTrace } from '../traces/zipf-trace.ts'
import type { TraceChoice } from './replay-options.ts'

/** The first `requests` keys of the trace, some at a time. */
export async function* traceBatches(
  trace: TraceChoice,
  requests: number,
): AsyncGenerator<readonly string[]> {
  let left = requests
  const batches = trace.kind === 'zipf' ? zipfTrace(trace) : readTrace(trace.path, trace.format)
  for await (const batch of batches) {
    if (batch.length >= left) {
      yield batch.slice(0, left)
      return
    }
    left -= batch.length
    yield batch
  }
}
