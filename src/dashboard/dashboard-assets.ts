/**
 * The pages of the dashboard, as they were built from `dashboard-app/`: held in memory, for `createAdmin` or
 * any other server to hand out. They hold no figures; these they ask the admin API for.
 */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError } from '../contracts/errors.ts'

export interface DashboardOptions {
  /**
   * Where the built pages are, for a program that was bundled, and so moved away from them: a copy of
   * `node_modules/tiercel/dist/dashboard/assets`. Absent: beside this module.
   */
  readonly folder?: string
}

export interface DashboardAsset {
  readonly body: Uint8Array<ArrayBuffer>
  /** As `Content-Type` has it. */
  readonly type: string
  /** `immutable`: its name changes with its content, so that a browser may keep it for ever. */
  readonly caching: 'immutable' | 'no-cache'
  /** As `ETag` has it: strong, with its quotes. */
  readonly etag: string
}

export interface DashboardAssets {
  /** Every path that there is, sorted. */
  readonly paths: readonly string[]
  /** `path`: without a slash before it; empty for the page itself. `undefined`: there is no such file. */
  asset(path: string): DashboardAsset | undefined
}

const page = 'index.html'

/**
 * From `src/` and from `dist/` alike: one folder below the package's own. What is built stands in `dist/`
 * alone.
 */
const built = new URL('../../dist/dashboard/assets/', import.meta.url)

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** As esbuild writes it: `app-5IXMEQMF.css`. */
const namedByContent = /-[A-Z0-9]{8}\.\w+$/

/**
 * Reads the built pages, once: 200 kB.
 *
 * @example
 * ```ts
 * import { dashboardAssets } from 'tiercel/dashboard'
 *
 * const pages = dashboardAssets()
 * console.log(pages.asset('')?.type) // text/html; charset=utf-8
 * ```
 *
 * @throws ConfigError where the folder does not hold them.
 */
export function dashboardAssets(options: DashboardOptions = {}): DashboardAssets {
  const folder = options.folder ?? fileURLToPath(built)
  const assets = new Map(namesIn(folder).map((name) => [name, readAsset(folder, name)]))
  if (!assets.has(page)) {
    throw new ConfigError({
      field: 'folder',
      expected: 'the built pages of the dashboard, with an index.html',
      actual: folder,
    })
  }
  return {
    paths: [...assets.keys()],
    asset: (path) => assets.get(path === '' ? page : path),
  }
}

/** Only what is a file of a known kind: nothing else can be asked for, whatever the path says. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => extname(name) in types)
      .sort()
  } catch {
    return []
  }
}

function readAsset(folder: string, name: string): DashboardAsset {
  const body = new Uint8Array(readFileSync(join(folder, name)))
  return {
    body,
    type: types[extname(name)] ?? 'application/octet-stream',
    caching: namedByContent.test(name) ? 'immutable' : 'no-cache',
    etag: `"${createHash('sha256').update(body).digest('base64url')}"`,
  }
}
