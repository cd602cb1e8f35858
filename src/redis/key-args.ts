import type { SharedKey } from '../contracts/shared-tier.ts'
import { bucketOf } from '../keys/key-place.ts'

/** What a script must know of a key beside the names of its entry and its lease. */
export function keyArgs({ id, collection }: SharedKey): {
  readonly id: string
  readonly collection: string
  readonly bucket: string
} {
  return { id, collection, bucket: String(bucketOf(id)) }
}
