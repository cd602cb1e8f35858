/** Replays a trace through all three tiers. Called by `replay.ts`. */

import { join } from 'node:path'
import { type Cache, type Collection, createCache } from 'tiercel'
import { sqliteTier } from 'tiercel/sqlite'
import { temporaryFolder } from '../measure/temporary-folder.ts'
import { UsageError } from '../usage-error.ts'
import { type CountedSource, countedSource, type ItemRow } from './counted-source.ts'
import { LatencyHistogram } from './latency-histogram.ts'
import { LruShadow } from './lru-shadow.ts'
import type { ProgressLine } from './progress-line.ts'
import type { ReplayOptions } from './replay-options.ts'
import type { ReplayReport } from './replay-report.ts'
import { traceBatches } from './trace-batches.ts'

/** What the requests were answered by, counted as they come back. */
interface Tally {
  readonly latency: LatencyHistogram
  readonly lru: LruShadow
  readonly answered: Record<'memory' | 'shared' | 'source', number>
  requests: number
  entriesMax: number
  heapMaxBytes: number
}

/** Looks at the memory in between: this many requests, so that looking costs nothing. */
const requestsBetweenLooks = 5000

/**
 * Makes the rows, replays, and leaves no file behind. Every answer is checked.
 *
 * @throws UsageError if the trace cannot be read or is empty.
 */
export async function runReplay(
  options: ReplayOptions,
  progress: ProgressLine,
): Promise<ReplayReport> {
  await using folder = await temporaryFolder()
  await using rows = await countedSource(join(folder.path, 'source.db'))
  const requests = await makeRows(options, rows, progress)
  // Nothing may expire or be given up, on however busy a machine: what is measured is how well the
  // entries are chosen.
  await using cache = createCache({
    name: 'replay',
    shared: sqliteTier(join(folder.path, 'shared.db')),
    memory: { entries: options.entries },
    defaults: { ttl: 'none', memoryTtl: '30d', jitter: 0, timeouts: { hard: '1m' } },
    sharedTimeout: '30s',
    coherence: { maxBlindness: '1h' },
  })
  await cache.ready()
  const collection = cache.collection<string, ItemRow>('item', { source: rows.source })

  const startedAt = performance.now()
  const tally = emptyTally(options.entries)
  for await (const batch of traceBatches(options.trace, options.requests)) {
    for (let from = 0; from < batch.length; from += requestsBetweenLooks) {
      const keys = batch.slice(from, from + requestsBetweenLooks)
      await replayBatch(keys, { collection, tally, readers: options.readers })
      await look(cache, tally)
      progress.show(tally.requests, requests, `memory tier ${memoryRate(tally).toFixed(1)} %`)
    }
  }
  const seconds = (performance.now() - startedAt) / 1000
  return reportOf(tally, { options, rows, seconds })
}

function emptyTally(entries: number): Tally {
  return {
    latency: new LatencyHistogram(),
    lru: new LruShadow(entries),
    answered: { memory: 0, shared: 0, source: 0 },
    requests: 0,
    entriesMax: 0,
    heapMaxBytes: 0,
  }
}

/** Reads the trace once, so that the source has every row before the replay; answers its length. */
async function makeRows(
  options: ReplayOptions,
  rows: CountedSource,
  progress: ProgressLine,
): Promise<number> {
  let requests = 0
  for await (const batch of traceBatches(options.trace, options.requests)) {
    await rows.makeRows(batch)
    requests += batch.length
    progress.show(requests, options.requests, 'requests read, rows made')
  }
  progress.end()
  if (requests === 0) throw new UsageError('The trace has no requests.')
  return requests
}

interface BatchReading {
  readonly collection: Collection<string, ItemRow>
  readonly tally: Tally
  readonly readers: number
}

/** Reads the keys in order; several readers take the next one each. */
async function replayBatch(
  keys: readonly string[],
  { collection, tally, readers }: BatchReading,
): Promise<void> {
  const left = keys.values()
  const read = async (): Promise<void> => {
    for (const key of left) {
      const startedAt = performance.now()
      const reading = await collection.read(key)
      tally.latency.record(performance.now() - startedAt)
      if (!reading.found || reading.value.id !== key) {
        throw new Error(`The cache answered \`${key}\` with something else.`)
      }
      tally.answered[reading.tier] += 1
      tally.lru.request(key)
      tally.requests += 1
    }
  }
  await Promise.all(Array.from({ length: readers }, read))
}

async function look(cache: Cache, tally: Tally): Promise<void> {
  const { memory } = await cache.usage()
  tally.entriesMax = Math.max(tally.entriesMax, memory.entries)
  tally.heapMaxBytes = Math.max(tally.heapMaxBytes, process.memoryUsage().heapUsed)
}

interface Ending {
  readonly options: ReplayOptions
  readonly rows: CountedSource
  readonly seconds: number
}

async function reportOf(tally: Tally, { options, rows, seconds }: Ending): Promise<ReplayReport> {
  const { requests, latency } = tally
  return {
    requests,
    hitRate: {
      memory: rounded(memoryRate(tally)),
      shared: rounded((100 * tally.answered.shared) / requests),
    },
    sourceQueries: rows.keysAsked(),
    sourceQueriesWithout: requests,
    latencyMs: { p50: latency.quantile(0.5), p99: latency.quantile(0.99), max: latency.maxMs },
    unique: await rows.countRows(),
    entries: options.entries,
    entriesMax: tally.entriesMax,
    hitRateLru: rounded((100 * tally.lru.hits) / requests),
    heapMaxBytes: tally.heapMaxBytes,
    readers: options.readers,
    seconds: rounded(seconds),
  }
}

function memoryRate({ answered, requests }: Tally): number {
  return requests === 0 ? 0 : (100 * answered.memory) / requests
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
