/**
 * Messages of the channel as signals. Written by `luaChanges` and its like, as JSON.
 *
 * Anybody who may publish there can send anything: what is not as it should be is no signal, and
 * never an error.
 */

import type { Hint, SharedSignal } from '../contracts/shared-tier.ts'
import { PROTOCOL_VERSION } from './protocol-version.ts'

/** `probe`: a session's message to itself. `undefined`: not to be understood. */
export type Heard =
  | { readonly signals: readonly SharedSignal[]; readonly probe: undefined }
  | { readonly signals: readonly []; readonly probe: string }

export function parseHint(message: string): Heard | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(message)
  } catch {
    return undefined
  }
  if (!Array.isArray(parsed) || parsed[0] !== PROTOCOL_VERSION) return undefined
  const [, kind, ...rest] = parsed as readonly unknown[]
  if (kind === 'c') return changesOf(rest)
  if (kind === 'r') return told('released', 'ids', rest[0])
  if (kind === 'u') return told('unlocked', 'names', rest[0])
  if (kind === 'h' && typeof rest[0] === 'string') return { signals: [], probe: rest[0] }
  return undefined
}

function told(kind: 'released' | 'unlocked', _field: string, texts: unknown): Heard | undefined {
  if (!areTexts(texts)) return undefined
  const signal: SharedSignal = kind === 'released' ? { kind, ids: texts } : { kind, names: texts }
  return { signals: [signal], probe: undefined }
}

function changesOf(fields: readonly unknown[]): Heard | undefined {
  const [shard, epoch, first, last, changes, released, sender, at] = fields
  if (!isCount(shard) || typeof epoch !== 'string' || !isCount(first) || !isCount(last)) {
    return undefined
  }
  if (first > last || !Array.isArray(changes) || !areTexts(released)) return undefined
  if (typeof sender !== 'string') return undefined
  const read = changes.map(changeOf)
  if (read.includes(undefined)) return undefined
  const hint: Hint = {
    kind: 'changes',
    shard,
    epoch,
    first,
    last,
    sender,
    changes: read as unknown as Hint['changes'],
    ...(isCount(at) ? { at } : {}),
  }
  const signals: readonly SharedSignal[] =
    released.length === 0 ? [hint] : [hint, { kind: 'released', ids: released }]
  return { signals, probe: undefined }
}

function changeOf(change: unknown): Hint['changes'][number] | undefined {
  if (!Array.isArray(change)) return undefined
  const [kind, one, two, three] = change as readonly unknown[]
  const mode = one === 'd' ? 'delete' : one === 'e' ? 'expire' : undefined
  if (kind === 'k' && mode !== undefined && areTexts(two)) return { kind: 'keys', ids: two, mode }
  if (kind === 't' && mode !== undefined && typeof two === 'string') {
    return { kind: 'tag', tag: two, mode }
  }
  if (kind === 'a' && areTexts(one)) return { kind: 'all-tags', tags: one }
  if (kind === 'o' && typeof one === 'string') return { kind: 'collection', collection: one }
  if (kind === 'p' && typeof one === 'string' && typeof two === 'string') {
    return { kind: 'pattern', collection: one, pattern: two, active: three === 1 }
  }
  return kind === 'f' ? { kind: 'floor' } : undefined
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
