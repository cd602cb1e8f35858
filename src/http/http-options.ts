/** What a user says about HTTP caching: of the whole, of a route, and what a route overrides. */

import type { Cache } from '../contracts/cache.ts'
import type { Clock } from '../contracts/clock.ts'
import type { Duration } from '../contracts/options.ts'

/** What is cached how. Given for all routes, and for some of them; the nearest wins. */
export interface HttpPolicy {
  /** `off`: requests pass by; what they write still invalidates. @default 'on' */
  readonly caching?: 'on' | 'off'
  /**
   * Parameters of the query that answers depend on: all, those to count, or all but those to ignore. A `*`
   * at the end of a name stands for the rest of it: `utm_*`. Their order never counts. @default 'all'
   */
  readonly query?:
    | 'all'
    | { readonly count: readonly string[] }
    | { readonly ignore: readonly string[] }
  /** Fields of a request that answers depend on, beside those that their `Vary` names. */
  readonly varyBy?: readonly string[]
  /** Tags of an answer, beside those of its `cache-tags` field. Must be quick. */
  readonly tags?: (request: Request, response: Response) => Iterable<string>
  /** Tags to invalidate after a write has succeeded, beside those of `cache-invalidate-tags`. */
  readonly invalidates?: (request: Request, response: Response) => Iterable<string>
  /**
   * A life for answers that state none but have a `Last-Modified` (RFC 9111, 4.2.2): a share of the time
   * since, and at most so long. `{}`: a tenth, and a day. @default 'off'
   */
  readonly heuristics?: 'off' | { readonly share?: number; readonly most?: Duration }
  /** Bodies of more bytes stream through and are not kept. At most 64 MiB. @default 1048576 */
  readonly maxBytes?: number
  /** Where this service knows better than what is said in a request or an answer. */
  readonly override?: HttpOverride
}

/** Each says which rule it sets aside. */
export interface HttpOverride {
  /** Fresh for so long, whatever `max-age`, `s-maxage` and `Expires` say (RFC 9111, 4.2.1). */
  readonly freshFor?: Duration
  /** Answers to requests with `Authorization` are for everybody (RFC 9111, 3.5). */
  readonly authorization?: 'shared'
  /** Cookies keep no answers apart, or only those that count do. */
  readonly cookies?: 'shared' | { readonly count: readonly string[] }
  /** An answer with `Set-Cookie` is kept, without it. Who caused it has the cookie. */
  readonly setCookie?: 'removed'
  /**
   * An answer that says `private` is kept (RFC 9111, 5.2.2.7). All answers are apart for each `Authorization` and
   * cookie then, whatever `authorization` and `cookies` say.
   */
  readonly private?: 'kept'
  /** An answer that says `no-store` is kept (RFC 9111, 5.2.2.5). */
  readonly noStore?: 'kept'
  /** `Cache-Control` and `Pragma` of requests mean nothing (RFC 9111, 5.2.1 and 5.4). */
  readonly requestDirectives?: 'ignored'
  /** Beside `s-maxage`, `stale-while-revalidate` and `stale-if-error` hold all the same (RFC 9111, 5.2.2.10). */
  readonly sMaxage?: 'may-go-stale'
  /** As if an answer had said so (RFC 5861, 3). */
  readonly staleWhileRevalidate?: Duration
  /** As if an answer had said so (RFC 5861, 4). */
  readonly staleIfError?: Duration
}

export interface HttpRoute extends HttpPolicy {
  /**
   * Of the URL: `*` or `:name` is one segment, `**` at the end is any number of them. The first route that
   * fits counts.
   */
  readonly path: string
}

/** A key that a request keeps alive: a plain key, or one of a collection. */
export type ActiveKey =
  | string
  | { readonly of: { noteActivity(key: never): void }; readonly key: string | number | bigint }

export interface HttpCacheOptions extends HttpPolicy {
  readonly cache: Pick<Cache, 'collection' | 'invalidateTags' | 'noteActivity'>
  /** Of the collection that holds the answers, and in `Cache-Status`. @default 'http' */
  readonly name?: string
  /**
   * Values of `Host` that are cached for; requests with others pass by. Anybody can send any host: name
   * them where a proxy in front does not check. @default 'any'
   */
  readonly hosts?: readonly string[] | 'any'
  readonly routes?: readonly HttpRoute[]
  /** How long an answer is kept past its freshness, to be validated then. @default '1h' */
  readonly keepStale?: Duration
  /** Keys that a request keeps alive, of any method, whether it is answered from the cache or not. */
  readonly activity?: (request: Request) => Iterable<ActiveKey>
  /** Hosts that end with their answer wait for what is given to it. */
  readonly waitUntil?: (work: Promise<unknown>) => void
  /** Where what must not fail a request is told: the cache or `activity` has failed. @default process.emitWarning */
  readonly onError?: (error: unknown) => void
  /** Ages are told by it. @default the system's */
  readonly clock?: Pick<Clock, 'now'>
}

/** What comes behind the cache: the handler, or the origin. */
export type Next = (request: Request) => Promise<Response> | Response

export interface HandleOptions {
  /**
   * Asks the handler after the answer was given, for `stale-while-revalidate`. `'never'`: it cannot be, so a
   * stale answer is validated first. @default next
   */
  readonly behind?: Next | 'never'
  /**
   * Settles when the client has been answered: what goes on behind a stale answer begins then, so that a slow
   * client holds up nobody else. Rejected, it does not begin. @default at once
   */
  readonly answered?: Promise<unknown>
}

/** Responses kept by the rules of HTTP. */
export interface HttpCache {
  /**
   * Answers a request from the cache, or asks `next`, which is called once at most.
   *
   * @throws whatever `next` throws, where nothing stale may be served instead. A cache that fails is told
   * to `onError`, and the handler answers.
   */
  handle(request: Request, next: Next, options?: HandleOptions): Promise<Response>
  /** Makes the answers of a URL unservable, all variants of it. */
  invalidate(url: string | URL): Promise<void>
}
