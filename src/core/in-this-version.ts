/**
 * What a release finds of an older one: brought to the version of the collection, where there is a way.
 *
 * Called for each value that comes from the shared tier (`shared-reader.ts`) or waits there for the source
 * (`drain-target.ts`), and never for newer ones. What comes of it is never written back: a read writes
 * nothing, and instances of the older release go on being served by the entry as it is.
 */

import type { EnvelopeContent } from '../contracts/codec.ts'
import type { SharedKey } from '../contracts/shared-tier.ts'
import { decodeKey } from '../keys/key-encoding.ts'
import { checkTags, refuseArgument } from './field-check.ts'
import type { Space } from './space.ts'

export type Present =
  | { readonly ok: true; readonly content: EnvelopeContent }
  | { readonly ok: false; readonly reason: 'older' | 'migrate'; readonly error: unknown }

type Migrated = Pick<Space, 'name' | 'schemaVersion' | 'migrate' | 'options' | 'tagsOf'>

export function inThisVersion(
  space: Migrated,
  key: Pick<SharedKey, 'id'>,
  content: EnvelopeContent,
): Present {
  const { migrate, schemaVersion } = space
  const { schemaVersion: from } = content
  if (from === schemaVersion) return { ok: true, content }
  if (migrate === undefined) return { ok: false, reason: 'older', error: undefined }
  // That the source had nothing has no shape.
  if (content.kind === 'absent') return { ok: true, content: { ...content, schemaVersion } }
  try {
    const value = migrate(content.value, from)
    if (value === undefined) return { ok: false, reason: 'older', error: undefined }
    if (typeof (value as { then?: unknown } | null)?.then === 'function') {
      throw new TypeError('`migrate` must answer at once: what has to be asked for is a load.')
    }
    const tags = tagsOf(space, key, { ...content, value })
    return { ok: true, content: { ...content, value, tags, schemaVersion } }
  } catch (error) {
    return { ok: false, reason: 'migrate', error }
  }
}

/**
 * The entry's own, and those that the collection gives such a value now: a removal of one that the older
 * release did not know must find the entry outdated, though the tier itself cannot.
 */
function tagsOf(
  { name, options, tagsOf }: Migrated,
  { id }: Pick<SharedKey, 'id'>,
  { tags, value }: EnvelopeContent,
): readonly string[] {
  const key = decodeKey(name, id)
  const given = key === undefined || tagsOf === undefined ? [] : tagsOf(value, key)
  return checkTags([...tags, ...options.tags, ...given], {
    field: 'tagsOf',
    refuse: refuseArgument,
  })
}
