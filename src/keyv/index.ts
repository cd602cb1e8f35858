/** Door of `tiercel/keyv`: a cache as a store of Keyv, and a store of Keyv as a shared tier. */

export type { KeyvEntry, KeyvLike } from './keyv-like.ts'
export { type KeyvStore, type KeyvStoreOptions, keyvStore } from './keyv-store.ts'
export { type KeyvTierOptions, keyvTier } from './keyv-tier.ts'
