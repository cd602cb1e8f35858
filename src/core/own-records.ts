/** What a cache keeps for itself in the shared tier, beside what it caches: lists, forecasts, instances. */

import type { EnvelopeFormat } from '../contracts/codec.ts'
import type { CodecOptions } from '../contracts/options.ts'
import type { Engine } from './engine.ts'
import { FLEET, FleetRecords } from './fleet-records.ts'
import { FORECAST_STATE, ForecastState } from './forecast-state.ts'
import { KeptRecord } from './kept-record.ts'
import type { ResolvedEntryOptions } from './resolve-entry-options.ts'
import { createSpace, type ResolvedTimeouts, type Space } from './space.ts'
import { WARM_LIST, WarmList } from './warm-list.ts'

export interface OwnRecordsParts {
  readonly engine: Engine
  readonly entry: ResolvedEntryOptions
  readonly timeouts: ResolvedTimeouts
  readonly envelopeFor: (path: string, options: CodecOptions) => EnvelopeFormat
}

export class OwnRecords {
  readonly #parts: OwnRecordsParts
  #hottest: WarmList | undefined
  #forecasts: ForecastState | undefined

  constructor(parts: OwnRecordsParts) {
    this.#parts = parts
  }

  hottest(): WarmList {
    this.#hottest ??= new WarmList(this.record(WARM_LIST))
    return this.#hottest
  }

  /** `undefined`: there is no shared tier to keep them. */
  forecasts(): ForecastState | undefined {
    if (this.#parts.engine.shared === undefined) return undefined
    this.#forecasts ??= new ForecastState(this.record(FORECAST_STATE))
    return this.#forecasts
  }

  /** What instances leave of themselves; `undefined`: there is no shared tier. */
  fleet(): FleetRecords | undefined {
    const { engine } = this.#parts
    return engine.shared && new FleetRecords(engine, engine.shared, this.#space(FLEET))
  }

  /** One that is read at a start, once. */
  record(name: string): KeptRecord {
    return new KeptRecord(this.#parts.engine, this.#space(name))
  }

  /** In the shared tier alone. */
  #space(name: string): Space {
    const { engine, entry, timeouts, envelopeFor } = this.#parts
    const space = createSpace({
      name,
      memory: undefined,
      memoryTtlMs: 0,
      envelope: envelopeFor('', {}),
      options: { ...entry, tags: [] },
      timeouts,
      schemaVersion: 0,
      schema: undefined,
      tagsOf: undefined,
      load: undefined,
      behind: false,
      versionOf: undefined,
      reads: undefined,
      heat: undefined,
      migrate: undefined,
      idle: undefined,
      shardBy: undefined,
    })
    engine.spaces.set(name, space)
    return space
  }
}
