/** What the reads of several processes come to, judged together. Called by the suite `fresh`. */

import { quantile } from '../measure/quantile.ts'
import type { ReaderAnswer } from '../processes/reader-question.ts'

export interface JudgedReads {
  /** Of the reads that count, in per cent. */
  readonly withoutWait: number
  /** A life ends when another load takes its place: more than one are duplicates. */
  readonly loadsALife: number
  /** Of each key, in the time that the declared life takes. */
  readonly loadsATtl: number
  /** Of all reads of the span, in milliseconds. */
  readonly p99Ms: number
}

export interface JudgedSpan {
  readonly keys: number
  readonly ttlMs: number
  /** By the host's clock; what was noted in the life before says which keys are read once a life. */
  readonly from: number
  readonly until: number
}

/** A read counts if anybody has read its key in the life before it. */
export function judgeReads(answers: readonly ReaderAnswer[], span: JudgedSpan): JudgedReads {
  const { keys, ttlMs, from, until } = span
  const sum = { reads: 0, waited: 0 }
  const answeredMs: number[] = []
  const readAt = new Map<number, number>()
  for (const read of inOrder(answers)) {
    const before = readAt.get(read.key) ?? Number.NEGATIVE_INFINITY
    readAt.set(read.key, read.at)
    if (read.at < from) continue
    answeredMs.push(read.answeredMs)
    if (read.at - before > ttlMs) continue
    sum.reads += 1
    sum.waited += read.waited
  }
  answeredMs.sort((a, b) => a - b)
  const loads = answers
    .flatMap((one) => one.loads)
    .filter(([, at]) => at >= from && at < until)
    .toSorted(([, a], [, b]) => a - b)
  return {
    withoutWait: 100 * (1 - sum.waited / sum.reads),
    loadsALife: loads.length / Math.max(1, livesOf(loads, ttlMs)),
    loadsATtl: loads.length / ((keys * (until - from)) / ttlMs),
    p99Ms: quantile(answeredMs, 0.99),
  }
}

interface NotedRead {
  readonly key: number
  readonly at: number
  readonly answeredMs: number
  readonly waited: number
}

/** The reads of all processes by when they began. */
function inOrder(answers: readonly ReaderAnswer[]): readonly NotedRead[] {
  return answers
    .flatMap(({ reads }) =>
      reads.keys.map((key, place) => ({
        key,
        at: reads.at[place] as number,
        answeredMs: reads.answeredMs[place] as number,
        waited: reads.waited[place] as number,
      })),
    )
    .toSorted((a, b) => a.at - b.at)
}

/** A load that begins less than half a life after another one of its key has begun no life of its own. */
function livesOf(loads: ReaderAnswer['loads'], ttlMs: number): number {
  const began = new Map<number, number>()
  let lives = 0
  for (const [key, at] of loads) {
    if (at - (began.get(key) ?? Number.NEGATIVE_INFINITY) < ttlMs / 2) continue
    began.set(key, at)
    lives += 1
  }
  return lives
}
