import type { SharedKey } from '../contracts/shared-tier.ts'
import { bucketOf } from '../keys/key-place.ts'

/**
 * What a script must know of a key beside the names of its entry and its lease: its id, which names its
 * collection, and its bucket as a member of the change numbers.
 */
export function keyArgs({ id }: Pick<SharedKey, 'id'>): {
  readonly id: string
  readonly bucket: string
} {
  return { id, bucket: `b:${bucketOf(id)}` }
}
