/** What the judge's process and its workers tell each other, and how one line of the ledger looks. */

/** How a worker begins what it tells of a write that was given up. */
export const DEAD_LETTER = 'A dead letter'

/** A wrong part, for the judge to find. See `controls.ts`. */
export type Planted =
  | 'none'
  | 'acknowledges before the script answered'
  | 'settles before the store answered'
  | 'store without versions'

export type TierPlace =
  | { readonly kind: 'redis'; readonly port: number }
  | {
      readonly kind: 'sqlite'
      readonly path: string
      /** `off`: SQLite waits for no disk. The control of the power cuts. */
      readonly disk: 'as the tier says' | 'off'
    }

export type DatabasePlace =
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'sqlite'; readonly path: string }

/** All that a worker is started with. */
export interface WorkerPlan {
  readonly instance: string
  readonly seed: number
  readonly tier: TierPlace
  readonly database: DatabasePlace
  /** `owner`: it writes nothing, and only carries out what others wrote. All may do that. */
  readonly role: 'writer' | 'owner'
  /** Under way at once, of a writer. */
  readonly writes: number
  /** Which of the client libraries, by its place among them. */
  readonly client: number
  readonly planted: Planted
}

export type Order =
  /** From now on. Answered when what must stop has stopped. */
  | { readonly kind: 'traffic'; readonly on: boolean }
  /** One write of one key, told as all are. For controls that play a story. */
  | { readonly kind: 'put'; readonly key: string }
  /** Answered when all that was queued by anyone is in the database. */
  | { readonly kind: 'flush' }
  | { readonly kind: 'close' }

export type ToWorker = { readonly kind: 'order'; readonly id: number; readonly order: Order }

export type FromWorker =
  | { readonly kind: 'ready'; readonly durability: string }
  /** To an order. `problem`: why it could not be carried out. */
  | { readonly kind: 'done'; readonly id: number; readonly problem: string | undefined }
  | { readonly kind: 'trouble'; readonly text: string }

/**
 * Lines of a worker, on its standard output: written before it goes on, so that the kernel has them
 * whatever becomes of the process. Parts are separated by spaces.
 *
 * - `ask N KEY put|remove`: the Nth write begins.
 * - `ack N EPOCH NUMBER`: it was acknowledged, with this version.
 * - `not N`: it was rejected; it may have been taken all the same.
 * - `begin N COUNT`, `end N`: a call of the store.
 */
export type Tell = (...parts: readonly (string | number)[]) => void

/** Of one collection each, named as its table. */
export const COLLECTIONS = ['kept_last', 'kept_every'] as const
export type CollectionName = (typeof COLLECTIONS)[number]

/** Of the versions in the database. */
export const VERSIONS = 'versions'

/** A row: which write has put it there. */
export interface Written {
  readonly id: string
  readonly written: string
}

/** Names a write in the database, unlike any other. */
export function writtenBy(instance: string, number: number): string {
  return `${instance}.${number}`
}
