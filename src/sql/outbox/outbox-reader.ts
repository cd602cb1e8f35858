/**
 * Reads an outbox: every row once, as soon as it can be seen, in whatever order transactions commit.
 *
 * What has been read is kept as a snapshot of the database, which names those transactions that were
 * under way; their rows are asked for as well as new ones. So nothing waits for a transaction that
 * takes long, and nothing is read again because of it. Only `horizon`, below which everything has
 * ended and was read, is kept durably: whoever begins there leaves nothing out, and repeats a little.
 */

import { TierError } from '../../contracts/errors.ts'
import type { PostgresAsk, PostgresRow } from '../postgres-like.ts'
import { type OutboxStatements, PAGE_ROWS } from './outbox-statements.ts'
import { parseSnapshot, type Snapshot, snapshotAt } from './snapshot.ts'

export interface OutboxRow {
  readonly collection: string
  /** `undefined`: every key of the collection. */
  readonly key: string | undefined
}

/**
 * `rows`: what was not read before; `last`: there is no more for now. `lost`: rows may be missing, and
 * whoever knows what they would have told must begin anew.
 */
export type OutboxPage =
  | { readonly kind: 'rows'; readonly rows: readonly OutboxRow[]; readonly last: boolean }
  | { readonly kind: 'lost'; readonly reason: 'pruned' | 'restored' }

/** How far one has come within what a snapshot shows. */
interface Place {
  /** As text, the way it came. */
  readonly until: string
  readonly xid: string
  readonly id: string
}

export class OutboxReader {
  readonly #ask: PostgresAsk
  readonly #statements: OutboxStatements
  readonly #collections: string
  #seen: Snapshot
  /** Of the server; `undefined`: nobody has asked yet. */
  #life: unknown
  #place: Place | undefined
  #next: Place | Snapshot | undefined

  constructor(
    ask: PostgresAsk,
    parts: {
      readonly statements: OutboxStatements
      readonly collections: readonly string[]
      readonly from: OutboxPosition
    },
  ) {
    this.#ask = ask
    this.#statements = parts.statements
    // Their names hold nothing that would need to be escaped.
    this.#collections = `{${parts.collections.map((name) => `"${name}"`).join(',')}}`
    this.#seen = parts.from.seen
    this.#life = parts.from.life
  }

  /** Every transaction below has ended, and what it wrote was read and confirmed. */
  get horizon(): bigint {
    return this.#seen.xmin
  }

  /** The next rows. The same again, unless they are confirmed. */
  async read(): Promise<OutboxPage> {
    const seen = this.#seen
    const place = this.#place
    const found = await this.#ask(this.#statements.read, [
      String(seen.xmax),
      `{${seen.running.join(',')}}`,
      place?.xid ?? '0',
      place?.id ?? '0',
      place?.until ?? null,
      this.#collections,
    ])
    const [first] = found
    if (first === undefined) throw new TypeError('The server answered without a snapshot.')
    refuseStandby(first)
    const until = String(first['snapshot'])
    const now = parseSnapshot(until)
    this.#life ??= first['life']
    // A database that is older, another, or that has crashed may give out numbers again that were seen.
    if (now.xmax < seen.xmax || first['life'] !== this.#life) {
      return { kind: 'lost', reason: 'restored' }
    }
    if (BigInt(String(first['pruned'])) > seen.xmin) return { kind: 'lost', reason: 'pruned' }

    const rows = found.filter(({ id }) => id !== null)
    const end = rows.at(-1)
    const last = rows.length < PAGE_ROWS || end === undefined
    const all = place?.until ?? until
    this.#next = last
      ? parseSnapshot(all)
      : { until: all, xid: String(end['xid']), id: String(end['id']) }
    return { kind: 'rows', rows: rows.map(rowOf), last }
  }

  /** What was read last has reached whom it concerns. */
  confirm(): void {
    const next = this.#next
    this.#next = undefined
    if (next === undefined) return
    if ('xmin' in next) {
      this.#seen = next
      this.#place = undefined
    } else {
      this.#place = next
    }
  }
}

/** Where reading begins. */
export interface OutboxPosition {
  readonly seen: Snapshot
  /** `undefined`: it was kept by a database that has kept all before it, whatever has happened since. */
  readonly life: unknown
}

/** Where a follower begins that knows of nothing before. */
export async function presentPosition(
  ask: PostgresAsk,
  { snapshot }: OutboxStatements,
): Promise<OutboxPosition> {
  const [row] = await ask(snapshot, [])
  refuseStandby(row ?? {})
  return { seen: parseSnapshot(String(row?.['snapshot'])), life: row?.['life'] }
}

/** Where a consumer stopped; `undefined`: the database does not know it, or not any more. */
export async function keptPosition(
  ask: PostgresAsk,
  { find }: OutboxStatements,
  consumer: string,
): Promise<OutboxPosition | undefined> {
  const [row] = await ask(find, [consumer])
  if (row === undefined) return undefined
  return { seen: snapshotAt(BigInt(String(row['cursor']))), life: undefined }
}

/** A replica knows less of running transactions than it would have to say. */
function refuseStandby({ standby }: PostgresRow): void {
  if (standby !== true) return
  const words = 'The outbox is followed on the primary; this server is a replica of it.'
  throw new TierError('source', words)
}

function rowOf({ collection, key }: PostgresRow): OutboxRow {
  return { collection: String(collection), key: key === null ? undefined : String(key) }
}
