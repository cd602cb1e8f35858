/** One pass over one side, with everything that is counted around it. Called by `run-load.ts`. */

import { join } from 'node:path'
import type { JudgeReport } from './judge-questions.ts'
import type { PassReport, ProcessorTime } from './load-report.ts'
import type { Side } from './open-side.ts'
import { processorMs } from './processor-time.ts'
import { drainedStatus, type ShopStatus, shopStatus } from './shop-status.ts'

/** The servers beside the shop; absent where there is none. */
export interface ServerPids {
  readonly redis?: number
  readonly database?: number
}

export interface PassResult {
  readonly pass: PassReport
  /** Of all passes so far. */
  readonly judged: JudgeReport
  /** When nothing waited for the source any more. */
  readonly status: ShopStatus
}

export async function runPass(
  side: Side,
  { seconds, folder, servers }: { seconds: number; folder: string; servers: ServerPids },
): Promise<PassResult> {
  const observations = join(folder, `${side.name}.observations`)
  const before = await shopStatus(side.addresses)
  const processorBefore = processorTime(side, servers)
  await side.judge.begin()
  const answer = await side.load({ seconds, observations })
  const processorAfter = processorTime(side, servers)
  const judged = await side.judge.end(observations)
  // What is written behind reaches the source later, and counts too.
  const status = await drainedStatus(side.addresses)
  const { requests, elapsedMs, latencyMs, refused, errors, perSecond } = answer
  if (answer.unjudged > 0) throw new Error('Expected fewer requests; take fewer --seconds.')
  return {
    judged,
    status,
    pass: {
      requests,
      requestsPerSecond: requests / (elapsedMs / 1_000),
      latencyMs,
      source: {
        reads: status.source.reads - before.source.reads,
        writes: status.source.writes - before.source.writes,
      },
      processor: processorBefore && processorAfter && between(processorBefore, processorAfter),
      refused,
      errors,
      perSecond,
    },
  }
}

function processorTime({ pids }: Side, servers: ServerPids): ProcessorTime | undefined {
  const [shop, redis, database] = [
    sum(pids.map(processorMs)),
    servers.redis === undefined ? 0 : processorMs(servers.redis),
    servers.database === undefined ? 0 : processorMs(servers.database),
  ]
  if (shop === undefined || redis === undefined || database === undefined) return undefined
  return { shop, redis, database }
}

function sum(times: readonly (number | undefined)[]): number | undefined {
  return times.reduce<number | undefined>(
    (total, time) => (total === undefined || time === undefined ? undefined : total + time),
    0,
  )
}

function between(before: ProcessorTime, after: ProcessorTime): ProcessorTime {
  return {
    shop: after.shop - before.shop,
    redis: after.redis - before.redis,
    database: after.database - before.database,
  }
}
