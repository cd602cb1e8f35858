/** The room of the shard: for the tiers that keep its rows, and for all that reach it by a link. */

export { LockEngine } from './lock-engine.ts'
export type { HeldLock, LockRows } from './lock-rows.ts'
export type { DeadRow, PendingRow, PendingRows, QueueOwner } from './pending-rows.ts'
export { sessionMark } from './session-mark.ts'
export { ShardClient } from './shard-client.ts'
export { type Follower, ShardEngine } from './shard-engine.ts'
export type {
  Carried,
  IdleLink,
  Invalidated,
  Late,
  Numbered,
  PendingLink,
  Sender,
  ShardLink,
} from './shard-link.ts'
export type {
  MemberNumber,
  ShardControl,
  ShardIntent,
  ShardLease,
  ShardRow,
  ShardRowHead,
  ShardRows,
  ShardStanding,
  SweepPage,
  SweptHead,
} from './shard-rows.ts'
