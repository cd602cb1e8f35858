/** Figures of this instance and of all, and what a person on call is told of them. */

import type { PatternMetrics } from '../../contracts/metrics.ts'
import { AdminProblem } from '../admin-problem.ts'
import { patternReport } from '../pattern-report.ts'
import type { Route } from '../route.ts'
import { answered, instant, listOf, maybe, number, share, text, whole } from '../schema.ts'

const verdict = answered('By the workload it is declared as', {
  pattern: text,
  workload: maybe({ type: 'string', enum: ['read-heavy', 'write-heavy'] }),
  expectedRange: answered('Hit rates from which it is excellent, good and fair', {
    excellent: share,
    good: share,
    fair: share,
  }),
  hits: whole,
  misses: whole,
  total: whole,
  hitRate: maybe(share),
  averageLatencyMs: maybe(number),
  verdict: { type: 'string', enum: ['excellent', 'good', 'fair', 'low', 'unknown'] },
  cause: maybe(text),
  advice: text,
  contradiction: text,
  timestamp: instant,
})

const health = answered('How it is, the worst reason first', {
  state: { type: 'string', enum: ['healthy', 'degraded', 'unhealthy'] },
  reasons: listOf(
    answered('One reason', {
      code: text,
      pattern: text,
      state: text,
      message: text,
      cure: text,
      since: instant,
    }),
  ),
})

const snapshot = {
  ...answered('What this instance has counted; `MetricsSnapshot` of the package', {
    cache: text,
    instance: text,
    at: instant,
    forMs: number,
    total: { type: 'object', description: 'All patterns together' },
    patterns: listOf({ type: 'object' }, 'The most read first'),
    memory: { type: 'object' },
    shared: maybe({ type: 'object' }),
    coherence: maybe({ type: 'object' }),
    invalidations: { type: 'object' },
    breakers: listOf({ type: 'object' }),
    queues: listOf({ type: 'object' }),
    health,
  }),
}

export const figureRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: 'stats',
    role: 'read',
    summary: 'What this instance has counted since it started',
    answer: snapshot,
    run: async ({ parts }) => ({ json: await parts.cache.stats() }),
  },
  {
    method: 'GET',
    path: 'patterns',
    role: 'read',
    summary: 'Hit rate, latency and verdict of each pattern, the most read first',
    answer: listOf(verdict),
    run: async ({ parts }) => {
      const { patterns, at } = await parts.cache.stats()
      return { json: patterns.map((metrics) => patternReport(metrics, at)) }
    },
  },
  {
    method: 'GET',
    path: 'patterns/:pattern',
    role: 'read',
    summary: 'The same of one pattern, with all that is counted of it',
    params: { pattern: { type: 'string', description: 'As `product:*`, escaped for a path' } },
    answer: {
      ...verdict,
      properties: { ...verdict.properties, metrics: { type: 'object' } },
    },
    run: async ({ parts, params: { pattern } }) => {
      const { patterns, total, at } = await parts.cache.stats()
      const all: readonly PatternMetrics[] = [...patterns, total]
      const metrics = all.find((one) => one.pattern === pattern)
      if (metrics !== undefined) return { json: { ...patternReport(metrics, at), metrics } }
      throw new AdminProblem('not-found', 'Nothing has been counted of such a pattern.', {
        field: 'pattern',
      })
    },
  },
  {
    method: 'GET',
    path: 'collections',
    role: 'read',
    summary: 'What is declared, plain keys last',
    answer: listOf({ type: 'object', description: 'As `describe()` answers it' }),
    run: ({ parts: { cache } }) => {
      const declared = [...cache.collections.values()]
      return { json: [...declared, cache].map((one) => one.describe()) }
    },
  },
  {
    method: 'GET',
    path: 'health',
    role: 'read',
    summary: 'How the cache is, with what to do about it',
    answer: health,
    run: async ({ parts }) => ({ json: await parts.cache.health() }),
  },
  {
    method: 'GET',
    path: 'fleet',
    role: 'read',
    summary: 'The last figures of every instance, this one first',
    answer: listOf(
      answered('One instance', {
        instance: text,
        at: instant,
        own: { type: 'boolean' },
        stats: snapshot,
      }),
    ),
    run: async ({ parts }) => ({ json: await parts.cache.fleet() }),
  },
]
