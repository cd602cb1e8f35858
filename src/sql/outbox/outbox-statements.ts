/** What a follower asks the database, over one outbox. Numbers travel as text: they may exceed 2^53. */

import type { OutboxNames } from './outbox-names.ts'

/** Rows in one answer at most. */
export const PAGE_ROWS = 1_000
/** Rows deleted by one statement at most. */
export const PRUNE_ROWS = 2_000

/**
 * Differs after a crash, on a promoted replica and in a restored database, and not after an orderly restart:
 * statistics do not outlive what numbers of transactions may not outlive either.
 */
const LIFE = '(SELECT extract(epoch FROM stats_reset)::text FROM pg_stat_bgwriter)'

export interface OutboxStatements {
  /** Values: xmax, running, the page's xid and id, its snapshot or null, collections. */
  readonly read: string
  /** Values: the consumer's name. */
  readonly find: string
  readonly snapshot: string
  /** Values: name, cursor. Wherever the cursor stood. */
  readonly begin: string
  /** Values: name, cursor. Never back. */
  readonly save: string
  /** Where the database is an older one than before: numbers that it has yet to give out. */
  readonly forgetFuture: readonly string[]
  /** Values: milliseconds. */
  readonly forget: string
  /** Values: milliseconds that rows are kept after all have seen them. */
  readonly raise: string
  /** Answers how many there were. */
  readonly prune: string
}

export function outboxStatements(names: OutboxNames): OutboxStatements {
  const { changes, consumers, pruning } = names
  const now = 'pg_current_snapshot()'
  return {
    read: readStatement(names),
    find: `SELECT cursor::text AS cursor FROM ${consumers} WHERE name = $1`,
    snapshot: `SELECT ${now}::text AS snapshot, pg_is_in_recovery() AS standby, ${LIFE} AS life`,
    begin: `INSERT INTO ${consumers} (name, cursor, seen_at) VALUES ($1, $2::text::xid8, now())
      ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor, seen_at = excluded.seen_at
      RETURNING name`,
    save: `INSERT INTO ${consumers} AS c (name, cursor, seen_at) VALUES ($1, $2::text::xid8, now())
      ON CONFLICT (name) DO UPDATE SET cursor = greatest(c.cursor, excluded.cursor), seen_at = now()
      RETURNING name`,
    forgetFuture: [
      `UPDATE ${pruning} SET pruned = least(pruned, pg_snapshot_xmin(${now})),
        next = least(next, pg_snapshot_xmin(${now})) RETURNING one`,
      // Those of transactions that run now are not seen, and so not deleted.
      `DELETE FROM ${changes} WHERE xid >= pg_snapshot_xmax(${now}) RETURNING id`,
    ],
    forget: `DELETE FROM ${consumers}
      WHERE seen_at < now() - $1::float8 * interval '1 millisecond' RETURNING name`,
    raise: `UPDATE ${pruning} SET pruned = greatest(pruned, next),
        next = greatest(next, coalesce((SELECT cursor FROM ${consumers} ORDER BY cursor LIMIT 1),
          pg_snapshot_xmin(${now}))),
        next_at = now()
      WHERE next_at <= now() - $1::float8 * interval '1 millisecond' RETURNING one`,
    prune: `WITH gone AS (DELETE FROM ${changes} WHERE (xid, id) IN (
        SELECT xid, id FROM ${changes} WHERE xid < (SELECT pruned FROM ${pruning})
        ORDER BY xid, id LIMIT ${PRUNE_ROWS} FOR UPDATE SKIP LOCKED) RETURNING 1)
      SELECT count(*)::int AS count FROM gone`,
  }
}

/**
 * What can be seen now and was not seen before: of transactions that ran then, and of later ones. Each
 * part walks along the primary key from where it begins, so that what was seen costs nothing, however
 * long the oldest transaction runs.
 */
function readStatement({ changes, pruning }: OutboxNames): string {
  const rows = (where: string): string =>
    `(SELECT id, xid, collection, key FROM ${changes} WHERE ${where}
      AND (xid, id) > ($3::text::xid8, $4::text::int8)
      AND pg_visible_in_snapshot(xid, now.until) AND collection = ANY ($6::text::text[])
      ORDER BY xid, id LIMIT ${PAGE_ROWS})`
  return `SELECT now.snapshot::text AS snapshot, now.standby, ${LIFE} AS life,
      (SELECT pruned::text FROM ${pruning}) AS pruned,
      row.id::text AS id, row.xid::text AS xid, row.collection, row.key
    FROM (SELECT pg_current_snapshot() AS snapshot, pg_is_in_recovery() AS standby,
      coalesce($5::text::pg_snapshot, pg_current_snapshot()) AS until) AS now
    LEFT JOIN LATERAL (SELECT * FROM (
      ${rows('xid = ANY ($2::text::xid8[])')}
      UNION ALL
      ${rows('xid >= $1::text::xid8')}
    ) AS either ORDER BY xid, id LIMIT ${PAGE_ROWS}) AS row ON true
    ORDER BY row.xid, row.id`
}
