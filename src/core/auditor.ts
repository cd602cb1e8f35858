/**
 * Looking whether what is served is what the source holds (CO-12).
 *
 * A sample of the keys that this process has copies of is compared with the shared tier and with the
 * source. What differs is looked at again after the time within which it may: only what still differs
 * then, while the source has not moved, is stale.
 */

import { CodecError } from '../contracts/errors.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { AuditReport } from '../contracts/usage.ts'
import { encodeValue } from './commit.ts'
import type { Engine } from './engine.ts'
import { copyStands } from './local-read.ts'
import { readShared } from './shared-reader.ts'
import type { Space } from './space.ts'

export interface AuditRequest {
  /** Keys that are looked at, at most. */
  readonly sample: number
  /** How long a copy may lag behind. */
  readonly withinMs: number
}

interface Sampled {
  readonly space: Space
  readonly key: CacheKey
}

/** What each tier holds for a key, as text that can be compared; `undefined`: nothing, or not to be had. */
interface Sight {
  readonly memory: string | undefined
  readonly shared: string | undefined
  readonly source: string | undefined
}

type Finding = 'consistent' | 'stale' | 'unsure'

/** Costs one load of the source and one read of the shared tier for each key, twice where they differ. */
export async function audit(
  engine: Engine,
  { sample, withinMs }: AuditRequest,
): Promise<AuditReport> {
  const sampled = sampleKeys(engine, sample)
  const findings = await Promise.all(sampled.map((one) => examine(engine, one, withinMs)))
  const count = (finding: Finding): number => findings.filter((one) => one === finding).length
  const consistent = count('consistent')
  const stale = count('stale')
  const report = {
    sampled: findings.length,
    consistent,
    stale,
    unsure: count('unsure'),
    withinMs,
    nines: nines(consistent, stale),
  }
  engine.report({ type: 'audit', ...report })
  return report
}

/** 2 for 99 %. With nothing found stale, what that many samples can show. */
function nines(consistent: number, stale: number): number {
  const judged = consistent + stale
  if (judged === 0) return 0
  return -Math.log10(Math.max(stale, 1) / (judged + (stale === 0 ? 1 : 0)))
}

/** Each key with the same chance, in one pass (reservoir sampling). */
function sampleKeys(engine: Engine, sample: number): readonly Sampled[] {
  const now = engine.clock.monotonic()
  const chosen: Sampled[] = []
  let seen = 0
  for (const space of engine.spaces.values()) {
    for (const key of space.memory?.keys(now) ?? []) {
      seen += 1
      const at = chosen.length < sample ? chosen.length : Math.floor(engine.random.next() * seen)
      if (at < sample) chosen[at] = { space, key }
    }
  }
  return chosen
}

/** A value that cannot become bytes cannot be compared either. */
async function examine(engine: Engine, sampled: Sampled, withinMs: number): Promise<Finding> {
  try {
    return await compare(engine, sampled, withinMs)
  } catch (error) {
    if (error instanceof CodecError) return 'unsure'
    throw error
  }
}

async function compare(engine: Engine, sampled: Sampled, withinMs: number): Promise<Finding> {
  const first = await look(engine, sampled)
  const verdict = judge(first)
  if (verdict !== 'stale') return verdict
  await new Promise<void>((resolve) => void engine.clock.schedule(withinMs, resolve))
  if (engine.closing.aborted) return 'unsure'
  const second = await look(engine, sampled)
  if (judge(second) !== 'stale') return 'consistent'
  const { memory, shared, source } = first
  // A source that moves, or an entry that was replaced, may be behind by less than was allowed.
  const rests = source === second.source && (source !== undefined || shared === second.shared)
  return rests && (memory === second.memory || shared === second.shared) ? 'stale' : 'unsure'
}

function judge({ memory, shared, source }: Sight): Finding {
  // It left meanwhile: nothing is served that could be stale.
  if (memory === undefined) return 'consistent'
  const truth = source ?? shared
  if (truth === undefined) return 'unsure'
  return memory === truth && (shared === undefined || shared === truth) ? 'consistent' : 'stale'
}

async function look(engine: Engine, { space, key }: Sampled): Promise<Sight> {
  const memory = copyOf(engine, space, key)
  const [shared, source] = await Promise.all([
    sharedValue(engine, space, key),
    sourceValue(engine, space, key),
  ])
  // A write that waits is what its key is, and the source is still to hear of it.
  const told = shared?.pending === true ? undefined : source
  return {
    memory: memory && (await comparable(engine, space, key, memory)),
    shared: shared && (await comparable(engine, space, key, shared)),
    source: told && (await comparable(engine, space, key, told)),
  }
}

interface Held {
  readonly value: unknown
  /** It waits for the source. */
  readonly pending?: boolean
}

/** What would be served now. */
function copyOf(engine: Engine, space: Space, key: CacheKey): Held | undefined {
  const now = engine.clock.monotonic()
  const entry = space.memory?.find(key, now)
  if (entry === undefined || now >= entry.servedUntil) return undefined
  return copyStands(engine, space, key, entry) ? { value: entry.value } : undefined
}

async function sharedValue(engine: Engine, space: Space, key: CacheKey): Promise<Held | undefined> {
  const sharedKey = space.sharedKey(key)
  if (engine.shared?.coherence.readable(sharedKey) !== true) return undefined
  const askedAt = engine.clock.monotonic()
  const { tagsTold } = engine.shared.outbox
  const reading = await engine.shared.access.read(sharedKey)
  if (reading?.entry === undefined) return undefined
  const reservation = { stamp: engine.order.stamp, shared: undefined }
  const { entry, serverNow } = reading
  const sighting = { key: sharedKey, entry, serverNow, askedAt, reservation, tagsTold }
  const finding = await readShared(engine, space, sighting)
  const fresh = finding.kind === 'entry' && engine.clock.monotonic() < finding.entry.freshUntil
  return fresh ? { value: finding.entry.value, pending: entry.pending === true } : undefined
}

/** A source that fails, or has no word on plain keys, says nothing. */
async function sourceValue(engine: Engine, space: Space, key: CacheKey): Promise<Held | undefined> {
  if (space.load === undefined) return undefined
  const { closing: signal } = engine
  const base = space.options
  try {
    const { value } = await space.load({ key, signal, previous: undefined, base })
    return { value }
  } catch {
    return undefined
  }
}

/** Bytes in one form for all tiers, whatever the life of each entry. */
async function comparable(
  engine: Engine,
  space: Space,
  key: CacheKey,
  { value }: Held,
): Promise<string> {
  if (value === undefined) return 'absent'
  const never = Number.POSITIVE_INFINITY
  const life = { ttlMs: never, graceMs: 0, expiresAt: never }
  const fresh = { options: space.options, life, absent: false, value, loadMs: undefined }
  const { bytes } = await encodeValue(engine, space, space.sharedKey(key), fresh)
  return bytes.join()
}
