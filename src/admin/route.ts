/** What a route is: the router goes by it, and the OpenAPI document is made of it. */

import type { Cache } from '../contracts/cache.ts'
import type { Clock } from '../contracts/clock.ts'
import type { AdminRole } from './admin-options.ts'
import type { AuditNote, AuditTrail } from './audit-trail.ts'
import type { JobBoard } from './job-board.ts'
import type { LiveFeed } from './live-feed.ts'
import type { RecentActivity } from './recent-activity.ts'
import type { RequestAllowance } from './request-allowance.ts'
import type { ResolvedAdminOptions } from './resolve-admin-options.ts'
import type { Schema } from './schema.ts'
import type { Sessions } from './sessions.ts'

/** Who asks, once that is known. */
export interface Caller {
  readonly role: AdminRole
  readonly via: 'token' | 'session'
  /** Of a session: whether it is still on. A token always is. */
  readonly stands: () => boolean
}

export interface RouteCall {
  readonly parts: AdminParts
  /** Of the path, decoded. */
  readonly params: Readonly<Record<string, string>>
  /** Checked against the route's schema; numbers are numbers. */
  readonly query: unknown
  /** Checked against the route's schema. */
  readonly body: unknown
  /** `undefined` for routes that need no right. */
  readonly caller: Caller | undefined
  readonly remoteAddress: string
  readonly request: Request
  readonly url: URL
  /** What the audit record is to say of a change; called before the change is begun. */
  readonly note: (note: AuditNote) => void
}

export type RouteAnswer =
  | {
      readonly json: unknown
      readonly status?: number
      readonly headers?: Readonly<Record<string, string>>
    }
  | { readonly body: string | ReadableStream<Uint8Array<ArrayBuffer>>; readonly type: string }

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Below `{base}/api/v1/`; a part that begins with a colon takes any text. */
  readonly path: string
  /** `write`: it changes something, and says by `note` what. `none`: whoever asks, as it gives a right. */
  readonly role: AdminRole | 'none'
  readonly summary: string
  readonly params?: Readonly<Record<string, Schema>>
  readonly query?: Schema
  /** Of POST; a request without a body has an empty object. */
  readonly body?: Schema
  /** @default 200 */
  readonly status?: number
  /** Of answers in JSON. */
  readonly answer?: Schema
  /** Of other answers. @default 'application/json' */
  readonly type?: string
  readonly run: (call: RouteCall) => Promise<RouteAnswer> | RouteAnswer
}

/** What routes work with. Put together by `create-admin.ts`. */
export interface AdminParts {
  readonly cache: Cache
  readonly options: ResolvedAdminOptions
  readonly clock: Clock
  readonly sessions: Sessions
  readonly audit: AuditTrail
  readonly activity: RecentActivity
  readonly jobs: JobBoard
  readonly live: LiveFeed
  /** Tries to come in that have failed. */
  readonly failures: RequestAllowance
  readonly routes: readonly Route[]
}
