/** What a follower says of failures, and to whom. */

import { ConfigError } from '../../contracts/errors.ts'
import type { OutboxEvent } from './follow-options.ts'
import type { OutboxNames } from './outbox-names.ts'

/** Of PostgreSQL: the table is not there. */
const UNDEFINED_TABLE = '42P01'

/** Of the database or of this library. */
export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null
    ? (error as { code?: unknown }).code
    : undefined
}

/** The cache was closed: there is nothing left to tell it. */
export function isClosed(error: unknown): boolean {
  return codeOf(error) === 'closed'
}

/** With what to do about it, where that is known. */
export function inWords(error: unknown, names: OutboxNames): unknown {
  if (codeOf(error) !== UNDEFINED_TABLE) return error
  return new ConfigError({
    field: 'outbox',
    expected: 'tables of the database, made by what `npx tiercel sql outbox` prints',
    actual: names.channel,
  })
}

/** A listener that throws must not end the following. */
export function telling(
  listener: ((event: OutboxEvent) => void) | undefined,
): (event: OutboxEvent) => void {
  const tell = listener ?? warnOfFailures()
  return (event) => {
    try {
      tell(event)
    } catch (error) {
      warn(`A listener of the outbox threw: ${messageOf(error)}`)
    }
  }
}

/** One warning for each row of failures. */
function warnOfFailures(): (event: OutboxEvent) => void {
  let warned = false
  return (event) => {
    if (event.type === 'followed') warned = false
    if (event.type !== 'failed' || warned) return
    warned = true
    warn(`The outbox is not followed (${event.what}): ${messageOf(event.error)}`)
  }
}

function warn(words: string): void {
  const { process } = globalThis as {
    process?: { emitWarning?: (warning: string, type: string) => void }
  }
  process?.emitWarning?.(words, 'TiercelWarning')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
