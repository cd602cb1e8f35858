/** The room of the shard: for `memory/` and `sqlite/`, which keep its rows. */

export { ShardEngine } from './shard-engine.ts'
export type {
  ShardControl,
  ShardIntent,
  ShardLease,
  ShardRow,
  ShardRowHead,
  ShardRows,
  SweepPage,
} from './shard-rows.ts'
