/**
 * Taking note of what is read, where entries leave that nobody reads (X4). On no hit path: a copy of
 * which a read is due to be noted is not answered there, and comes by here.
 */

import type { SharedEntry, SharedKey } from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { Engine } from './engine.ts'
import type { Space } from './space.ts'

/** An entry of the shared tier was answered. It says itself when that was noted last, by anybody. */
export function noteSharedRead(
  engine: Engine,
  { idle }: Space,
  { key, entry, serverNow }: Seen,
): void {
  if (idle === undefined || entry.readAt === undefined || entry.pending === true) return
  const unnotedMs = serverNow - entry.readAt
  // Written so that a time that is none is left alone as well.
  if (!(unnotedMs >= idle.noteEveryMs)) return
  engine.shared?.notes.add(key, idle.noteEveryMs, unnotedMs > idle.afterMs ? 'soon' : 'later')
}

interface Seen {
  readonly key: SharedKey
  readonly entry: SharedEntry
  readonly serverNow: number
}

/** A copy was answered, and this process has not noted so for as long. */
export function noteCopyRead(engine: Engine, space: Space, key: CacheKey): void {
  const { idle } = space
  if (idle !== undefined) engine.shared?.notes.add(space.sharedKey(key), idle.noteEveryMs)
}

/** Something happened that counts as a read, as far as the application is concerned. */
export function noteActivity(engine: Engine, space: Space, key: CacheKey): void {
  const { idle } = space
  if (idle === undefined) return
  space.memory?.noteUse(key)
  engine.shared?.notes.addActivity(space.sharedKey(key), idle.noteEveryMs)
}
