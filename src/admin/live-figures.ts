import type { Cache } from '../contracts/cache.ts'
import type { MetricsSnapshot } from '../contracts/metrics.ts'

/** Each second, to each who looks; the rest is there to be asked for. */
const PATTERNS = 50

export async function liveFigures(cache: Cache): Promise<MetricsSnapshot> {
  const snapshot = await cache.stats()
  return { ...snapshot, patterns: snapshot.patterns.slice(0, PATTERNS) }
}
