/** PostgreSQL as the database of a run, with what may happen to it. */

import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { PostgresServer } from '../servers/postgres-server.ts'
import { startPostgres } from '../servers/start-postgres.ts'
import { until } from '../servers/until.ts'
import { type CrashDatabase, type HistoryRows, stateOf } from './crash-database.ts'
import type { DatabaseState } from './judge.ts'
import { COLLECTIONS, type DatabasePlace, VERSIONS } from './messages.ts'

const LAYOUT = `
  CREATE TABLE ${VERSIONS} ("of" text NOT NULL, key text NOT NULL, version int8 NOT NULL,
    epoch text NOT NULL, PRIMARY KEY ("of", key));
  CREATE TABLE version_history (n bigserial PRIMARY KEY, "of" text, key text, version int8, epoch text);
  CREATE TABLE row_history (n bigserial PRIMARY KEY, "of" text, id text, written text);
  CREATE FUNCTION keep_version() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO version_history ("of", key, version, epoch)
      VALUES (NEW."of", NEW.key, NEW.version, NEW.epoch);
    RETURN NULL; END $$;
  CREATE TRIGGER keep AFTER INSERT OR UPDATE ON ${VERSIONS} FOR EACH ROW EXECUTE FUNCTION keep_version();
  CREATE FUNCTION keep_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN
      INSERT INTO row_history ("of", id, written) VALUES (TG_TABLE_NAME, OLD.id, NULL);
    ELSE
      INSERT INTO row_history ("of", id, written) VALUES (TG_TABLE_NAME, NEW.id, NEW.written);
    END IF;
    RETURN NULL; END $$;
  ${COLLECTIONS.map(
    (table) => `CREATE TABLE ${table} (id text PRIMARY KEY, written text NOT NULL);
  CREATE TRIGGER keep AFTER INSERT OR UPDATE OR DELETE ON ${table}
    FOR EACH ROW EXECUTE FUNCTION keep_row();`,
  ).join('\n')}`

/** How long a commit waits before its record is written to the disk, so that a kill finds it there. */
const HELD_COMMIT_US = 100_000

export class PostgresDatabase implements CrashDatabase {
  readonly #server: PostgresServer

  private constructor(server: PostgresServer) {
    this.#server = server
  }

  static async open(): Promise<PostgresDatabase> {
    const database = new PostgresDatabase(await startPostgres())
    await database.#ask(LAYOUT)
    return database
  }

  get place(): DatabasePlace {
    return { kind: 'postgres', url: this.#server.url }
  }

  async kill(): Promise<void> {
    await this.#server.kill9()
  }

  /** It recovers by itself. */
  async start(): Promise<void> {
    await this.#server.start()
  }

  /**
   * Killed while commits are written to its disk and not answered yet: nobody was told, and all of it
   * stands there afterwards. A replica that never comes makes them wait for it. Answers how many waited.
   */
  async killAfterCommit(): Promise<number> {
    await this.#set("synchronous_standby_names = 'nobody'")
    let waiting = 0
    try {
      await until(
        'commits wait',
        async () => {
          waiting = await this.#count("wait_event = 'SyncRep'")
          return waiting > 0
        },
        { withinMs: 12_000 },
      )
    } catch {
      // Nobody had anything to write.
    }
    await this.#server.kill9()
    await this.#server.start()
    await this.#reset('synchronous_standby_names')
    return waiting
  }

  /** Killed while commits wait to be written to its disk: nothing of them stands there afterwards. */
  async killBeforeCommit(): Promise<void> {
    await this.#set(`commit_delay = ${HELD_COMMIT_US}`, 'commit_siblings = 0')
    await until('a statement runs', async () => (await this.#count("state = 'active'")) > 0, {
      withinMs: 12_000,
    }).catch(() => {})
    await pause(HELD_COMMIT_US / 4000)
    await this.#server.kill9()
    await this.#server.start()
    await this.#reset('commit_delay', 'commit_siblings')
  }

  async stopFor(ms: number): Promise<void> {
    this.#server.pause()
    await pause(ms)
    this.#server.resume()
  }

  async read(): Promise<DatabaseState> {
    const all = <Row>(sql: string): Promise<Row> => this.#ask(sql) as Promise<Row>
    const rows = COLLECTIONS.map((of) => `SELECT '${of}' AS "of", id, written FROM ${of}`)
    return stateOf({
      rows: await all<HistoryRows['rows']>(rows.join(' UNION ALL ')),
      versions: await all<HistoryRows['versions']>('SELECT * FROM version_history ORDER BY n'),
      changes: await all<HistoryRows['changes']>('SELECT * FROM row_history ORDER BY n'),
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]()
  }

  async #count(condition: string): Promise<number> {
    const [row] = await this.#ask(
      `SELECT count(*) AS n FROM pg_stat_activity WHERE ${condition} AND pid <> pg_backend_pid()`,
    )
    return Number((row as { n: string } | undefined)?.n ?? 0)
  }

  async #set(...settings: readonly string[]): Promise<void> {
    for (const setting of settings) await this.#ask(`ALTER SYSTEM SET ${setting}`)
    await this.#ask('SELECT pg_reload_conf()')
  }

  async #reset(...names: readonly string[]): Promise<void> {
    for (const name of names) await this.#ask(`ALTER SYSTEM RESET ${name}`)
    await this.#ask('SELECT pg_reload_conf()')
  }

  /** Over a connection of its own: the server may have been another one a moment ago. */
  async #ask(text: string): Promise<readonly unknown[]> {
    const client = new pg.Client({ connectionString: this.#server.url })
    client.on('error', () => {})
    await client.connect()
    try {
      const answer = await client.query(text)
      return answer.rows ?? []
    } finally {
      await client.end().catch(() => {})
    }
  }
}
