/** What the main thread and the worker of a file say to each other. */

import type { CacheEvent } from '../contracts/events.ts'
import type { Fault } from './call-outcome.ts'
import type { PackedList } from './packed-list.ts'

/** Which engine the worker hosts, with all it needs to open the file. */
export type WorkerOrder =
  | {
      readonly kind: 'tier'
      readonly path: string
      readonly name: string
      readonly maxBytes: number
      readonly busyTimeoutMs: number
    }
  | { readonly kind: 'database'; readonly path: string; readonly busyTimeoutMs: number }

export type WorkerRequest =
  | { readonly kind: 'calls'; readonly id: number; readonly calls: PackedList }
  | { readonly kind: 'listen' }
  | { readonly kind: 'close' }

export type WorkerReply =
  /** Whenever the file was opened, or another fault keeps it from being open. */
  | { readonly kind: 'opened'; readonly fault: Fault | undefined }
  | { readonly kind: 'answers'; readonly id: number; readonly outcomes: PackedList }
  | { readonly kind: 'changed' }
  | { readonly kind: 'events'; readonly events: readonly CacheEvent[] }
