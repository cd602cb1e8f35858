import type { SharedKey } from '../contracts/shared-tier.ts'
import type { KeyNames } from './key-names.ts'

/** The keys of Redis that a key of the cache has. */
export function itemKeys(
  names: KeyNames,
  shard: number,
  { id }: Pick<SharedKey, 'id'>,
): { readonly entry: string; readonly lease: string } {
  return { entry: names.entry(shard, id), lease: names.lease(shard, id) }
}
