/** What a replay found, for programs. */

/**
 * The shape of the JSON file; other programs rely on the first five fields. Hit rates are per cent
 * of all requests.
 */
export interface ReplayReport {
  readonly requests: number
  readonly hitRate: { readonly memory: number; readonly shared: number }
  /** Keys that the source was asked for. */
  readonly sourceQueries: number
  readonly sourceQueriesWithout: number
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number }
  readonly unique: number
  /** Of the memory tier: the bound, and the most that was ever seen in it. */
  readonly entries: number
  readonly entriesMax: number
  /** Hit rate of an LRU cache of the same size on the same requests. */
  readonly hitRateLru: number
  readonly heapMaxBytes: number
  readonly readers: number
  readonly seconds: number
}
