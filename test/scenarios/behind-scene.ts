/** Instances of a cache that write behind it, and a source that notes what reaches it. */

import type { BehindOptions } from '../../src/contracts/collection.ts'
import type { QueueEvent } from '../../src/contracts/events.ts'
import { createCache } from '../../src/create-cache.ts'
import type { Collection, Store, StoreOutcome, StoreWrite } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'

export type BehindWrite = StoreWrite<string, string>

const SILENT = { level: 'silent', warn: () => {}, error: () => {} } as const

interface SceneOptions {
  readonly behind?: BehindOptions
  readonly shards?: number
  readonly instances?: number
  /** What a call of the source takes. @default 0 */
  readonly callMs?: number
}

interface Instance {
  readonly things: Collection<string, string>
  close(): Promise<unknown>
}

export interface BehindScene {
  readonly clock: FakeClock
  readonly instances: readonly Instance[]
  readonly source: RecordedSource
  readonly told: QueueEvent[]
  /** What the instances keep beside the source, all closed. */
  close(): Promise<void>
}

/** Refuses older versions, as a guarded store does, and notes those it takes. */
export class RecordedSource {
  /** As they stand; a removed key has none. */
  readonly rows = new Map<string, string>()
  /** Of each key, every version that it took, in order. */
  readonly taken = new Map<string, bigint[]>()
  /** Of each call, its number of writes and when it began. */
  readonly calls: { readonly count: number; readonly at: number }[] = []
  /** When the last write was taken. */
  lastAt = 0
  /** Throws where the whole call fails; answers where one write does. */
  judge: (
    writes: readonly BehindWrite[],
  ) => ((write: BehindWrite) => StoreOutcome | undefined) | undefined = () => undefined
  /** What a call takes, in milliseconds. */
  lag: (writes: readonly BehindWrite[]) => number
  /** May throw after the writes were taken: the answer is lost. */
  answer: () => void = () => {}
  readonly store: Store<string, string>

  constructor(clock: FakeClock, callMs: number) {
    this.lag = () => callMs
    this.store = {
      fencing: 'versioned',
      load: (key) => this.rows.get(key),
      apply: async (writes) => {
        this.calls.push({ count: writes.length, at: clock.monotonic() })
        const lagMs = this.lag(writes)
        if (lagMs > 0) {
          await new Promise<void>((resolve) => void clock.schedule(lagMs, resolve))
        }
        const own = this.judge(writes)
        this.lastAt = clock.monotonic()
        const outcomes = writes.map((write) => own?.(write) ?? this.#take(write))
        this.answer()
        return outcomes
      },
    }
  }

  #take(write: BehindWrite): StoreOutcome {
    const { key, version = 0n, epoch = '' } = write
    const versions = this.taken.get(key) ?? []
    const stands = versions.at(-1)
    if (stands !== undefined && stands >= version) {
      return stands === version
        ? { kind: 'applied' }
        : { kind: 'superseded', by: stands, byEpoch: epoch }
    }
    this.taken.set(key, [...versions, version])
    if (write.kind === 'remove') this.rows.delete(key)
    else this.rows.set(key, write.value)
    return { kind: 'applied' }
  }
}

export function behindScene(options: SceneOptions = {}): BehindScene {
  const { behind = {}, shards = 2, instances: count = 1, callMs = 0 } = options
  const clock = new FakeClock()
  const shared = memoryTier({ shards })
  const source = new RecordedSource(clock, callMs)
  const told: QueueEvent[] = []
  const instances = Array.from({ length: count }, (): Instance => {
    const cache = createCache(
      { name: 'shop', shared, logger: SILENT, defaults: { jitter: 0 } },
      { clock },
    )
    const things = cache.collection('thing', {
      store: source.store,
      write: { put: 'behind', remove: 'behind' },
      behind,
    })
    cache.on('queue', (event) => told.push(event))
    return { things, close: () => cache.close() }
  })
  const close = async (): Promise<void> => {
    const closing = Promise.all(instances.map((one) => one.close()))
    await clock.advance(3_000)
    await closing
  }
  return { clock, instances, source, told, close }
}
