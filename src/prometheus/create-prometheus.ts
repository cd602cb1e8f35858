/** Answers Prometheus with what caches have counted. */

import { ConfigError } from '../contracts/errors.ts'
import type { ExemplarSource } from '../contracts/exemplar.ts'
import { checkKnown, type Known } from '../contracts/known-options.ts'
import type { MetricsSnapshot } from '../contracts/metrics.ts'
import { measure, measureLatency, PatternChoice } from '../figures/index.ts'
import { CONTENT_TYPES, negotiateFormat } from './negotiate-format.ts'
import { type PromRegistryLike, registerMetrics } from './prom-client-metrics.ts'
import { type Written, writeText } from './write-text.ts'

/** What is asked of a cache. */
export interface CountedCache {
  stats(): Promise<MetricsSnapshot>
}

export interface PrometheusOptions {
  /**
   * Patterns of each cache that are told apart: those that are read most at the first scrape, then those
   * that come; the rest is `other`. Each has about 70 series. @default 100
   */
  readonly patterns?: number
  /** Where traces of single operations come from, for readers of OpenMetrics. @default 'off' */
  readonly exemplars?: ExemplarSource | 'off'
}

export interface Prometheus {
  /**
   * Answers a scrape, in the format that its `Accept` header asks for. Mount it where only Prometheus can
   * reach it: it asks for no token. It resolves with 503 if a cache cannot say what it has counted.
   */
  fetch(request: Request): Promise<Response>
  /** The same for servers that have no `Request`: send `body` with the header `content-type`. */
  scrape(accept?: string): Promise<{ readonly contentType: string; readonly body: string }>
  /** Adds every metric to a registry of `prom-client`, until it is disposed of. */
  register(registry: PromRegistryLike): Disposable
}

const OPTIONS: Known<PrometheusOptions> = { patterns: true, exemplars: true }
const DEFAULT_PATTERNS = 100

/**
 * The figures of one cache or several, as Prometheus reads them.
 *
 * @throws ConfigError for options that cannot work.
 */
export function createPrometheus(
  caches: CountedCache | readonly CountedCache[],
  options: PrometheusOptions = {},
): Prometheus {
  checkKnown(options, OPTIONS)
  const { patterns = DEFAULT_PATTERNS, exemplars = 'off' } = options
  if (!Number.isInteger(patterns) || patterns < 0) {
    throw new ConfigError({
      field: 'patterns',
      expected: 'a whole number, 0 or more',
      actual: patterns,
    })
  }
  const all = [caches].flat()
  const choice = new PatternChoice(patterns)
  const read = async (): Promise<Written> => {
    const snapshots = await Promise.all(all.map((cache) => cache.stats()))
    const figures = measure(snapshots, choice)
    return { figures, latency: measureLatency(snapshots, choice) }
  }
  const scrape = async (accept?: string | null) => {
    const format = negotiateFormat(accept)
    const traced = exemplars === 'off' ? undefined : exemplars
    const body = writeText(await read(), { format, exemplars: traced })
    return { contentType: CONTENT_TYPES[format], body }
  }
  return {
    scrape,
    fetch: (request) => answer(request, scrape),
    register: (registry) => registerMetrics(registry, read),
  }
}

async function answer(
  { method, headers }: Request,
  scrape: (accept: string | null) => Promise<{ contentType: string; body: string }>,
): Promise<Response> {
  if (method !== 'GET' && method !== 'HEAD') {
    return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
  }
  try {
    const { contentType, body } = await scrape(headers.get('accept'))
    const given = { 'content-type': contentType, 'cache-control': 'no-store', vary: 'accept' }
    return new Response(method === 'HEAD' ? null : body, { headers: given })
  } catch {
    // What went wrong may say more than a stranger should read; the cache's log has it.
    return new Response('The cache cannot say what it has counted.\n', {
      status: 503,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    })
  }
}
