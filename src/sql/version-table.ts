/**
 * Versions of what `postgresTable` writes, in a table beside it: rows and removals alike, so that
 * nothing older brings a removed row back.
 *
 * Where rows have revisions, each version keeps the `base` that it was built upon. `seen` is what it has
 * replaced: it is written so that the guard of the statement can compare it.
 */

import type { CacheKey, StoredVersion } from '../contracts/source.ts'
import type { PostgresAsk } from './postgres-like.ts'
import { quoteTable } from './quote-name.ts'

/** `base`: only where rows have revisions. */
export interface KeptVersion extends StoredVersion {
  readonly base: string | undefined
}

export class VersionTable {
  readonly #ask: PostgresAsk
  readonly #name: string
  /** Whose versions they are. */
  readonly #of: string
  readonly #isRevised: boolean
  #created: Promise<unknown> | undefined

  constructor(
    ask: PostgresAsk,
    name: string,
    { of, isRevised }: { readonly of: string; readonly isRevised: boolean },
  ) {
    this.#ask = ask
    this.#name = quoteTable(name, 'versions')
    this.#of = of
    this.#isRevised = isRevised
  }

  /** Once; one that failed is tried again by the next call. */
  async create(): Promise<void> {
    this.#created ??= this.#create()
    try {
      await this.#created
    } catch (error) {
      this.#created = undefined
      throw error
    }
  }

  /** Who may not create tables may still use one that is there. */
  async #create(): Promise<void> {
    const [row] = await this.#ask('SELECT to_regclass($1) IS NOT NULL AS there', [this.#name])
    if (row?.['there'] === true) {
      await this.#addColumns()
      return
    }
    await this.#ask(
      `CREATE TABLE IF NOT EXISTS ${this.#name} ("of" text NOT NULL, key text NOT NULL,
        version int8 NOT NULL, epoch text NOT NULL, PRIMARY KEY ("of", key))`,
      [],
    )
    await this.#addColumns()
  }

  /** Looked for first: it is not everybody who may change a table. */
  async #addColumns(): Promise<void> {
    if (!this.#isRevised) return
    const [row] = await this.#ask(
      `SELECT count(*)::int AS count FROM pg_attribute
        WHERE attrelid = $1::regclass AND attname IN ('base', 'seen') AND NOT attisdropped`,
      [this.#name],
    )
    if (Number(row?.['count']) === 2) return
    await this.#ask(
      `ALTER TABLE ${this.#name} ADD COLUMN IF NOT EXISTS base text, ADD COLUMN IF NOT EXISTS seen text`,
      [],
    )
  }

  async find<K extends CacheKey>(keys: readonly K[]): Promise<ReadonlyMap<K, KeptVersion>> {
    await this.create()
    const rows = await this.#ask(
      `SELECT a.at, v.version::text AS version, v.epoch${this.#isRevised ? ', v.base' : ''}
        FROM json_to_recordset($1::text::json) AS a(at int, key text)
        JOIN ${this.#name} AS v ON v."of" = $2 AND v.key = a.key`,
      [JSON.stringify(keys.map((key, at) => ({ at, key: String(key) }))), this.#of],
    )
    const found = new Map<K, KeptVersion>()
    for (const { at, version, epoch, base } of rows) {
      const key = keys[Number(at)]
      if (key === undefined) continue
      const kept = typeof base === 'string' ? base : undefined
      found.set(key, { version: BigInt(String(version)), epoch: String(epoch), base: kept })
    }
    return found
  }
}
