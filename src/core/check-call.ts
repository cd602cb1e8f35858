/**
 * What callers pass beside keys and values: an option that does not exist, such as one that is misspelt, or
 * a life in the place of options, would be left out without a word.
 */

import type { AfterCommitOptions } from '../contracts/after-commit.ts'
import type { BatchOptions } from '../contracts/batch.ts'
import { checkKnown, type Known } from '../contracts/known-options.ts'
import type { ModeOptions } from '../contracts/mode.ts'
import type { RemoveOldVersionsOptions } from '../contracts/old-versions.ts'
import type {
  AuditOptions,
  CallOptions,
  DeleteOptions,
  EntryOptions,
  LockOptions,
  TagOptions,
  WriteOptions,
} from '../contracts/options.ts'
import type { LoaderOptions } from '../contracts/source.ts'
import type { WarmOptions } from '../contracts/warming.ts'
import { ENTRY } from './check-shape.ts'
import { refuseArgument } from './field-check.ts'

const CALL: Known<CallOptions> = { signal: true, timeouts: true, read: true, minVersion: true }

/** What each kind of call knows; the compiler sees to it that nothing is forgotten. */
interface Calls {
  readonly call: Known<CallOptions>
  readonly signal: Known<Pick<CallOptions, 'signal'>>
  readonly entry: Known<EntryOptions & CallOptions>
  readonly delete: Known<DeleteOptions>
  readonly tags: Known<TagOptions>
  readonly write: Known<WriteOptions>
  readonly batch: Known<BatchOptions>
  readonly commit: Known<AfterCommitOptions>
  readonly lock: Known<LockOptions>
  readonly loader: Known<LoaderOptions>
  readonly warm: Known<WarmOptions>
  readonly audit: Known<AuditOptions>
  readonly mode: Known<ModeOptions>
  readonly oldVersions: Known<RemoveOldVersionsOptions>
  readonly close: { readonly timeout: true }
}

export const CALLS: Calls = {
  call: CALL,
  signal: { signal: true },
  entry: { ...ENTRY, ...CALL },
  delete: { ...CALL, wait: true },
  tags: { ...CALL, match: true },
  write: { ...CALL, invalidateTags: true },
  batch: { ...CALL, atomic: true },
  commit: { begin: true, timeout: true },
  lock: { ttl: true, wait: true, retry: true, renew: true, signal: true },
  loader: { ...ENTRY, etag: true },
  warm: { ...ENTRY, load: true, signal: true },
  audit: { sample: true, within: true },
  mode: { scope: true },
  oldVersions: { below: true, perSecond: true, signal: true },
  close: { timeout: true },
}

/** @throws ArgumentError naming the option that the call does not know, or `name` if they are none. */
export function checkCall(
  options: object | undefined,
  known: Readonly<Record<string, true>>,
  name = 'options',
): void {
  if (options === undefined) return
  checkKnown(options, known, {
    name,
    path: name === 'options' ? '' : `${name}.`,
    refuse: refuseArgument,
    cure: 'ttl' in known && isSpan(options) ? 'A life is `{ ttl: … }`.' : undefined,
  })
}

function isSpan(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'string'
}
