/** What `sqliteTier` asks of `TierEngine`: the steps of `SharedSession`, as data that can be posted. */

import type {
  ClaimRequest,
  EndIntentRequest,
  FillRequest,
  IntentRequest,
  Invalidation,
  ReleaseRequest,
  SharedKey,
  SharedValue,
  TouchRequest,
} from '../contracts/shared-tier.ts'

export type TierCall =
  | { readonly step: 'read'; readonly keys: readonly SharedKey[] }
  | { readonly step: 'claim'; readonly requests: readonly ClaimRequest[]; readonly leaseMs: number }
  | { readonly step: 'fill'; readonly values: readonly FillRequest[] }
  | { readonly step: 'release'; readonly requests: readonly ReleaseRequest[] }
  | { readonly step: 'set'; readonly values: readonly SharedValue[] }
  | { readonly step: 'touch'; readonly requests: readonly TouchRequest[] }
  | { readonly step: 'invalidate'; readonly what: Invalidation }
  | { readonly step: 'beginIntent'; readonly requests: readonly IntentRequest[] }
  | { readonly step: 'endIntent'; readonly requests: readonly EndIntentRequest[] }
  | {
      readonly step: 'scan'
      readonly collection: string
      readonly cursor: string | undefined
      readonly limit: number
    }
  | { readonly step: 'usage' }
