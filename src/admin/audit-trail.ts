/** The last changes that were asked for, and the telling of each. */

import { createHash } from 'node:crypto'
import type { Clock } from '../contracts/clock.ts'
import type { AdminAuditRecord } from './admin-options.ts'

/** What a route says of the change it is about to make. */
export interface AuditNote {
  readonly collection?: string
  readonly what?: string
  /** Keys, tags or patterns. */
  readonly names?: readonly string[]
}

export type AuditEntry = AuditNote &
  Pick<
    AdminAuditRecord,
    'action' | 'role' | 'via' | 'remoteAddress' | 'outcome' | 'status' | 'durationMs'
  >

export interface AuditTrailParts {
  readonly clock: Clock
  readonly keys: 'hashed' | 'shown'
  /** Each is told of every record, and must not stop the others. */
  readonly tell: readonly ((record: AdminAuditRecord) => void)[]
}

/** Enough for a shift; who keeps them for longer listens. */
const RECORDS = 500
/** Of a change that names more, so that a record stays small. */
const NAMES = 10
/** A key may be 8 kB long. */
const NAME_LENGTH = 200
const HASH_DIGITS = 16

export class AuditTrail {
  readonly #parts: AuditTrailParts
  readonly #records: AdminAuditRecord[] = []
  #number = 0

  constructor(parts: AuditTrailParts) {
    this.#parts = parts
  }

  /** The latest first. */
  last(limit: number): readonly AdminAuditRecord[] {
    return this.#records.slice(-limit).reverse()
  }

  add({ names = [], collection = '', what = '', ...entry }: AuditEntry): void {
    this.#number += 1
    const record: AdminAuditRecord = {
      number: this.#number,
      at: this.#parts.clock.now(),
      ...entry,
      collection,
      what,
      count: names.length,
      names: names.slice(0, NAMES).map((name) => this.#nameOf(name)),
    }
    this.#records.push(record)
    if (this.#records.length > RECORDS) this.#records.shift()
    for (const tell of this.#parts.tell) {
      try {
        tell(record)
      } catch {
        // A listener that throws must not undo a change that was made.
      }
    }
  }

  #nameOf(name: string): string {
    if (this.#parts.keys === 'shown') return name.slice(0, NAME_LENGTH)
    return createHash('sha256').update(name).digest('hex').slice(0, HASH_DIGITS)
  }
}
