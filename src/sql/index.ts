/** The door `tiercel/sql`: tables of PostgreSQL as stores, and changes that others make in them. */

export type {
  ChangedCache,
  FollowOutboxOptions,
  OutboxEvent,
} from './outbox/follow-options.ts'
export { followOutbox, type OutboxFollower } from './outbox/follow-outbox.ts'
export type { FollowerPlatform } from './outbox/follower-platform.ts'
export type { ListeningSql, NotifyingClient, PostgresListen } from './outbox/outbox-hints.ts'
export type { OutboxKeys } from './outbox/outbox-keys.ts'
export { dropOutboxSql, type OutboxSqlOptions, outboxSql } from './outbox/outbox-sql.ts'
export type { PostgresLike, PostgresRow } from './postgres-like.ts'
export { type PostgresTableOptions, postgresTable } from './postgres-table.ts'
