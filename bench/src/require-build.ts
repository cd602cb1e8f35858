/** Says what to do where the library has not been built. Called by both commands before they begin. */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { UsageError } from './usage-error.ts'

/** @throws UsageError if the library's exports lead to no file. */
export function requireBuild(): void {
  if (existsSync(fileURLToPath(import.meta.resolve('tiercel')))) return
  throw new UsageError('Tiercel is not built yet: `npm run build` in its folder, then again.')
}
