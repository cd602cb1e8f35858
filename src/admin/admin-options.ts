/** What `createAdmin` takes, and what it gives. */

import type { Cache } from '../contracts/cache.ts'
import type { Clock } from '../contracts/clock.ts'
import type { Duration } from '../contracts/options.ts'

/** `write` may all that `read` may. */
export type AdminRole = 'read' | 'write'

export interface AdminOptions {
  readonly cache: Cache
  /**
   * Whoever has it may read and write. Absent or empty, and `tokens` too: the whole API is closed, and
   * answers 404 to everything but `/health/live` and `/health/ready`. 16 characters at least; `openssl rand
   * -base64 32` makes a good one.
   */
  readonly token?: string | undefined
  /** One for each role; whoever has that of `write` may read too. */
  readonly tokens?: {
    readonly read?: string | undefined
    readonly write?: string | undefined
  }
  /** Path under which all of it stands; `'/'`: at the root. @default '/tiercel' */
  readonly base?: string
  /**
   * Names it may be asked by, as the `Host` header has them; with a port, by that port alone. Others are
   * refused with 421: a page elsewhere whose name is made to point here must not reach it.
   * @default ['localhost', '127.0.0.1', '[::1]']
   */
  readonly hosts?: readonly string[]
  /**
   * Where requests may come from, by `remoteAddress`. Behind a proxy on the same machine all of them come
   * from there.
   * @default 'loopback'
   */
  readonly clients?: 'loopback' | 'any'
  /** Whether the values of entries and of dead letters are shown. @default 'hidden' */
  readonly values?: 'hidden' | 'shown'
  /** How keys, tags and patterns stand in audit records. @default 'hashed' */
  readonly auditKeys?: 'hashed' | 'shown'
  /** Called for every change, and for every one that was refused to a caller who may only read. */
  readonly onAudit?: (record: AdminAuditRecord) => void
  /** Pages to serve under `base`. */
  readonly dashboard?: DashboardAssets | undefined
  /** Of one address, on average; the double of it at once. More is refused with 429. @default 100 */
  readonly requestsPerSecond?: number
  /** How long one is logged in with a cookie. @default '8h' */
  readonly session?: Duration
  /** Counting for a dry run ends after this long; what was found until then is told. @default '3s' */
  readonly countFor?: Duration
  /** @default that of the system */
  readonly clock?: Clock
}

/** Static files; they hold nothing secret, and are served without a token. */
export interface DashboardAssets {
  /** `path`: below `base`, without a slash before it; empty for the page itself. */
  asset(path: string): DashboardAsset | undefined
}

export interface DashboardAsset {
  readonly body: string | Uint8Array<ArrayBuffer>
  /** As `Content-Type` has it. */
  readonly type: string
  /** For files whose name changes with their content. @default 'no-cache' */
  readonly caching?: 'immutable' | 'no-cache'
  /** As `ETag` has it, with its quotes. */
  readonly etag?: string
}

/** What the transport knows of a request, and the request does not say. */
export interface RequestOrigin {
  /** IP address of the client, as `socket.remoteAddress` has it. */
  readonly remoteAddress?: string | undefined
  /** Names and values in turn, as Node has them: a `Request` cannot show that a header came twice. */
  readonly rawHeaders?: readonly string[] | undefined
}

export interface Admin extends Disposable {
  /** No token is set, or there is one. */
  readonly state: 'closed' | 'open'
  /** Never rejects. */
  fetch(request: Request, origin?: RequestOrigin): Promise<Response>
  /**
   * For routes of the application that need the same right: by what `request` is to be refused, which is
   * to be sent as it is; `undefined`: it may go on. Its body is not read. Where the API is closed, so are
   * they: 404.
   */
  refusal(request: Request, role: AdminRole, origin?: RequestOrigin): Response | undefined
  /**
   * Logs one browser in, once, within 24 hours: the end of the dashboard's address, after `#token=`.
   * Eight of them at a time; a ninth takes the place of the first.
   *
   * @throws ConfigError where the API is closed.
   */
  oneTimeToken(role?: AdminRole): string
  /** Ends what is live, and listens to the cache no more. Safe to call twice. */
  close(): void
}

/** One change that was asked for. JSON as it stands. */
export interface AdminAuditRecord {
  /** One more than that of the record before; begins anew with the process. */
  readonly number: number
  /** Epoch milliseconds. */
  readonly at: number
  /** As the route is called: `invalidate`, `queues/:collection/retry`. */
  readonly action: string
  readonly role: AdminRole
  readonly via: 'token' | 'session'
  /** IP address; empty where the transport did not tell it. */
  readonly remoteAddress: string
  /** Empty: plain keys, or the whole cache. */
  readonly collection: string
  /** What it was about, in few words: `tags`, `memory-only`. */
  readonly what: string
  /** Keys, tags or patterns that were named. */
  readonly count: number
  /** The first ten of them: of each the first 16 hexadecimal digits of its SHA-256, or as they are. */
  readonly names: readonly string[]
  /** `begun`: it goes on after the answer. `refused`: the caller may only read. */
  readonly outcome: 'done' | 'begun' | 'failed' | 'refused'
  /** As the answer's. */
  readonly status: number
  readonly durationMs: number
}
