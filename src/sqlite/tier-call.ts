/** What `SqliteLink` asks of `TierEngine`: the steps of `ShardLink`, as data that can be posted. */

import type { CleanUpNote, SweepIdleRequest } from '../contracts/idle-steps.ts'
import type { LockRequest } from '../contracts/lock-steps.ts'
import type {
  EnqueueRequest,
  QueuePage,
  SettleRequest,
  TakeRequest,
} from '../contracts/pending-steps.ts'
import type {
  AtomicOperation,
  ClaimRequest,
  EndIntentRequest,
  FillRequest,
  FollowRequest,
  IntentRequest,
  Invalidation,
  ReleaseRequest,
  SharedKey,
  SharedValue,
  TouchRequest,
} from '../contracts/shared-tier.ts'
import type { Follower, Sender } from '../shard/index.ts'

export type TierCall = ShardCall | MutationCall | LockCall | QueueCall | IdleCall

type ShardCall =
  | { readonly step: 'read'; readonly keys: readonly SharedKey[] }
  | { readonly step: 'claim'; readonly requests: readonly ClaimRequest[]; readonly leaseMs: number }
  | { readonly step: 'fill'; readonly values: readonly FillRequest[] }
  | {
      readonly step: 'renewLeases'
      readonly requests: readonly ReleaseRequest[]
      readonly leaseMs: number
    }
  | { readonly step: 'release'; readonly requests: readonly ReleaseRequest[] }
  | { readonly step: 'sweepPattern'; readonly number: number }
  | { readonly step: 'follow'; readonly follower: Follower; readonly request: FollowRequest }
  | { readonly step: 'leave'; readonly session: string }
  | { readonly step: 'standings' }
  | {
      readonly step: 'scan'
      readonly collection: string
      readonly cursor: string | undefined
      readonly limit: number
    }
  | { readonly step: 'usage' }

type MutationCall = { readonly sender: Sender } & (
  | { readonly step: 'set'; readonly values: readonly SharedValue[] }
  | { readonly step: 'touch'; readonly requests: readonly TouchRequest[] }
  | { readonly step: 'invalidate'; readonly what: Invalidation }
  | { readonly step: 'atomic'; readonly operations: readonly AtomicOperation[] }
  | { readonly step: 'beginIntent'; readonly requests: readonly IntentRequest[] }
  | { readonly step: 'endIntent'; readonly requests: readonly EndIntentRequest[] }
  | { readonly step: 'enqueue'; readonly requests: readonly EnqueueRequest[] }
)

type QueueCall =
  | { readonly step: 'take'; readonly request: TakeRequest }
  | { readonly step: 'settle'; readonly requests: readonly SettleRequest[] }
  | {
      readonly step: 'hasten'
      readonly collection: string
      readonly id: string | undefined
      readonly upTo: number | undefined
    }
  | {
      readonly step: 'waits'
      readonly collection: string
      readonly upTo: number
      readonly id: string | undefined
    }
  | { readonly step: 'backlog'; readonly collection: string }
  | { readonly step: 'list' | 'dead'; readonly collection: string; readonly page: QueuePage }
  | { readonly step: 'revive'; readonly ids: readonly string[] }
  | { readonly step: 'drop'; readonly ids: readonly string[] }

export type IdleCall =
  | { readonly step: 'noteRead'; readonly keys: readonly SharedKey[] }
  | { readonly step: 'fenceCleanUp'; readonly token: number }
  | { readonly step: 'sweepIdle'; readonly request: SweepIdleRequest }
  | { readonly step: 'cleanUp' }
  | { readonly step: 'saveCleanUp'; readonly note: CleanUpNote }

export type LockCall =
  | { readonly step: 'acquire'; readonly request: LockRequest }
  | { readonly step: 'renew'; readonly request: LockRequest }
  | { readonly step: 'unlock'; readonly request: Pick<LockRequest, 'names' | 'owner'> }
  | { readonly step: 'remaining'; readonly name: string }
