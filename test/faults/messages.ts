/** What the judge's process and its workers tell each other. All times are of `monotonicMs`. */

/** Which library a worker connects with, by its name in `redis-drivers.ts`. */
export type ClientName = 'ioredis 5' | 'node-redis 6'

export type Address =
  | { readonly kind: 'single'; readonly port: number }
  | { readonly kind: 'cluster'; readonly ports: readonly number[] }
  | { readonly kind: 'sentinel'; readonly ports: readonly number[]; readonly name: string }

/** All that a worker is started with. */
export interface WorkerPlan {
  readonly instance: string
  readonly client: ClientName
  readonly address: Address
  readonly policy: 'through' | 'around'
  readonly seed: number
  readonly hardMs: number
  /** A wrong setting, for the judge to find. */
  readonly planted: 'none' | 'deaf'
}

/** What the source holds of a key. */
export interface Row {
  readonly key: string
  /** Which write has put it there; unique. */
  readonly version: string
}

/** One read of one key, as the worker saw it. */
export interface ReadRecord {
  readonly key: string
  readonly began: number
  readonly ended: number
  /** Of the row that was answered; `undefined`: not found, or no answer. */
  readonly version: string | undefined
  /** `unknown`: the call does not tell. */
  readonly tier: 'memory' | 'shared' | 'source' | 'unknown'
  readonly stale: boolean
  /** Set if the read was rejected. */
  readonly error: string | undefined
  /** Asked for by the judge, to see whether all agree. */
  readonly look: boolean
}

export interface WriteRecord {
  readonly kind: 'through' | 'around' | 'key' | 'tag' | 'pattern'
  readonly rows: readonly Row[]
  readonly began: number
  readonly ended: number
  /** `done`: protected, or removed for everyone. */
  readonly outcome: 'done' | 'unprotected' | 'failed'
  readonly error: string | undefined
}

/** What the cache told of itself; for people, never for the judge. */
export interface Note {
  readonly at: number
  readonly text: string
}

/** A time in which the worker did nothing at all. */
export interface Stall {
  readonly from: number
  readonly to: number
}

export interface TrafficLog {
  readonly reads: readonly ReadRecord[]
  readonly writes: readonly WriteRecord[]
  readonly notes: readonly Note[]
  readonly stalls: readonly Stall[]
}

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'load'; readonly id: number; readonly key: string }
  /** To the source: by the cache, or past it, which is told afterwards. */
  | {
      readonly kind: 'write'
      readonly id: number
      readonly rows: readonly Row[]
      readonly by: 'cache' | 'outside'
    }
  | { readonly kind: 'log'; readonly log: TrafficLog }
  /** To an order. */
  | { readonly kind: 'done'; readonly id: number; readonly rows: readonly (Row | undefined)[] }
  | { readonly kind: 'trouble'; readonly text: string }

export type ToWorker =
  | { readonly kind: 'loaded'; readonly id: number; readonly row: Row | undefined }
  | { readonly kind: 'written'; readonly id: number }
  | { readonly kind: 'order'; readonly id: number; readonly order: Order }

export type Order =
  /** From now on. Answered when what must stop has stopped. */
  | { readonly kind: 'traffic'; readonly reads: boolean; readonly writes: boolean }
  /** Reads all keys: as any reader does, or what the shared tier holds. Answered with the rows. */
  | { readonly kind: 'look'; readonly at: 'all' | 'shared' }
  | { readonly kind: 'invalidate'; readonly keys: readonly string[] }
  /** Sends what has been logged. */
  | { readonly kind: 'flush' }
  | { readonly kind: 'close' }
