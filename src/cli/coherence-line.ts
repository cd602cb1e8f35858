/** How an instance follows the changes of others, in a line: of `stats` and of `watch`. */

import type { MetricsSnapshot } from '../index.ts'
import { counted, duration } from './figures.ts'

export function coherenceLine(coherence: NonNullable<MetricsSnapshot['coherence']>): string {
  const { connected, shards, blindMs, gaps, delayP99Ms } = coherence
  const delay = delayP99Ms === null ? '' : `, changes known within ${duration(delayP99Ms)} (p99)`
  return `coherence  ${connected} of ${shards} shards followed, last beat ${duration(blindMs)} ago, ${counted(gaps, 'gap')}${delay}`
}
