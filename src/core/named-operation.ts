/** The operations of a batch between being named and being carried out. */

import type { BatchOperation } from '../contracts/batch.ts'
import type { Duration, EntryOptions } from '../contracts/options.ts'
import type { Engine } from './engine.ts'
import type { Keyspace } from './keyspace.ts'
import type { Space } from './space.ts'

/** What an operation is; `undefined` for one of a collection. */
export type PlainOperation =
  | { readonly kind: 'get' | 'delete' | 'has'; readonly key: string }
  | {
      readonly kind: 'set'
      readonly key: string
      readonly value: unknown
      readonly options: EntryOptions | undefined
    }
  | { readonly kind: 'touch'; readonly key: string; readonly ttl: Duration | 'none' | undefined }

export class NamedOperation implements BatchOperation<never> {
  declare readonly result?: never
  readonly plain: PlainOperation | undefined
  readonly run: () => Promise<unknown>

  constructor(plain: PlainOperation | undefined, run: () => Promise<unknown>) {
    this.plain = plain
    this.run = run
  }
}

export interface BatchParts {
  readonly engine: Engine
  readonly space: Space
  readonly plain: Keyspace<string, unknown>
}
