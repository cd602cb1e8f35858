/** What a desk is made of. */

import type { SharedSession } from '../contracts/shared-tier.ts'

/** What stands round a value. Its fields are those of the envelope, see `docs/wire-format.md`. */
export interface EnvelopeHead {
  readonly kind: 'value' | 'absent'
  readonly schemaVersion: number
  readonly loadMs: number | undefined
  readonly tags: readonly string[]
  readonly codecId: number
  readonly compressorId: number
}

export interface DeskParts {
  readonly session: SharedSession
  /** `undefined`: the bytes are no envelope that can be read. */
  readonly readHead: (id: string, bytes: Uint8Array) => EnvelopeHead | undefined
  /** Of what the library keeps for itself, which is text. `undefined`: it cannot be read. */
  readonly readText: (id: string, bytes: Uint8Array) => Promise<string | undefined>
}
