/**
 * Copies the writes that wait out of a shared tier and into another, for those who move the one they
 * have: to another server, or to another kind of tier with as many shards.
 *
 * Values travel as the bytes that they are stored as, so nothing need be known of codecs. Nothing is
 * removed; and what is copied in while instances are at work may come after what they have written since.
 */

import { ArgumentError, ConfigError, TierError } from '../contracts/errors.ts'
import type { EnqueueRequest, WaitingWrite } from '../contracts/pending-steps.ts'
import type { SharedSession } from '../contracts/shared-tier.ts'
import type { ExportedWrite, ImportReport } from '../contracts/write-queue.ts'
import { bytesOf, textOf } from './base64.ts'
import { checkExported } from './check-exported.ts'

type Queues = Pick<SharedSession, 'pending' | 'shards'>

/** Keys in one call. */
const PAGE = 200
/** Whatever could wait there may wait here. */
const MOST = { records: Number.MAX_SAFE_INTEGER, bytes: Number.MAX_SAFE_INTEGER } as const

/** @throws TierError */
export async function* exportQueue(
  { pending, shards }: Queues,
  collection: string,
): AsyncGenerator<ExportedWrite> {
  for (let shard = 0; shard < shards; shard += 1) {
    // A page may name a key again; its writes are told once.
    const told = new Set<string>()
    let cursor: string | undefined
    do {
      const page = await pending.list({ shard, collection }, { cursor, limit: PAGE })
      for (const write of page.writes) {
        const name = `${write.version} ${write.id}`
        if (!told.has(name)) yield exported(write, { shard, shards })
        told.add(name)
      }
      cursor = page.cursor
    } while (cursor !== undefined)
  }
}

/**
 * Queues them, due at once. Those that wait already, since an import was broken off, are left out, and so
 * are all of a key that has other writes waiting, as these are later.
 *
 * @throws ArgumentError naming the line that is none; ConfigError for another number of shards; TierError,
 * after which all of it can be done again.
 */
export async function importQueue(
  { pending, shards }: Queues,
  writes: Iterable<unknown> | AsyncIterable<unknown>,
): Promise<ImportReport> {
  let [imported, skipped, line] = [0, 0, 0]
  // Several writes of one key come in a row, in their order.
  let known: KnownKey | undefined
  for await (const given of writes) {
    line += 1
    const write = checkExported(given, line)
    checkShards(write, shards)
    const { shard, collection, id } = write
    if (known?.id !== id) {
      const page = await pending.list({ shard, collection }, { id, limit: 1 })
      known = { id, waiting: page.writes, seen: 0 }
    }
    const request = requestOf(write, line)
    if (known.seen < known.waiting.length) {
      if (isSame(known.waiting[known.seen], request)) known.seen += 1
      skipped += 1
      continue
    }
    const [answer] = await pending.enqueue([request])
    if (answer === undefined || answer instanceof TierError) {
      throw answer ?? new TierError('shared', 'Nothing was answered.')
    }
    if (answer.kind !== 'queued') {
      throw new TierError(
        'shared',
        `The key of line ${line} is being written; nothing after it was imported.`,
      )
    }
    imported += 1
  }
  return { imported, skipped }
}

interface KnownKey {
  readonly id: string
  /** What waited of it before the first of its lines, earliest first. */
  readonly waiting: readonly WaitingWrite[]
  /** So many of those were lines of this import, one after the other. */
  seen: number
}

function isSame(waiting: WaitingWrite | undefined, { kind, envelope }: EnqueueRequest): boolean {
  if (waiting?.kind !== kind || waiting.envelope.byteLength !== envelope.byteLength) return false
  return waiting.envelope.every((byte, at) => byte === envelope[at])
}

function exported(
  write: WaitingWrite,
  place: { readonly shard: number; readonly shards: number },
): ExportedWrite {
  const { collection, id, kind, epoch, version, ttlMs, graceMs, tags, removes, queuedMs } = write
  return {
    ...place,
    collection,
    id,
    kind,
    epoch,
    version,
    queuedMs,
    ttlMs: Number.isFinite(ttlMs) ? ttlMs : null,
    graceMs: Number.isFinite(graceMs) ? graceMs : null,
    tags,
    removes,
    envelope: textOf(write.envelope),
  }
}

function requestOf(write: ExportedWrite, line: number): EnqueueRequest {
  const { shard, collection, id, kind, ttlMs, graceMs, tags, removes } = write
  const envelope = bytesOf(write.envelope)
  if (envelope === undefined) {
    throw new ArgumentError({
      field: `line ${line}.envelope`,
      expected: 'bytes as base64',
      actual: write.envelope,
    })
  }
  return {
    shard,
    collection,
    id,
    kind,
    envelope,
    ttlMs: ttlMs ?? Number.POSITIVE_INFINITY,
    graceMs: graceMs ?? Number.POSITIVE_INFINITY,
    tags,
    removes,
    delayMs: 0,
    keep: 'every',
    most: MOST,
  }
}

function checkShards(write: ExportedWrite, shards: number): void {
  if (write.shards === shards) return
  throw new ConfigError({
    field: 'shards',
    expected: `${write.shards}, as where the writes come from`,
    actual: shards,
    cure: 'Give the tier that they are to go to as many shards.',
  })
}
