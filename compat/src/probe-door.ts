/** What a door of the installed package loads, seen by the module loader itself while it loads it. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface ProbedDoor {
  /** Modules of Node and of other packages that files of the package ask for, sorted. */
  readonly outside: readonly string[]
  /** Files that the package itself asked for and that are not in it, by their addresses. */
  readonly strays: readonly string[]
  /** What the door exports, sorted. */
  readonly names: readonly string[]
}

/**
 * Run in the folder, in a process of its own: what one door loads must not hide what another one does. Of
 * other packages only the name is noted; what they load is their affair.
 */
const PROBE = `
import { registerHooks } from 'node:module'
const door = process.argv[1]
const outside = new Set()
const strays = new Set()
const ours = /\\/node_modules\\/tiercel\\/(?!.*\\/node_modules\\/)/
registerHooks({
  resolve(specifier, context, next) {
    const asked = context.parentURL ?? ''
    if (specifier !== door && !ours.test(asked)) return next(specifier, context)
    if (!/^([./]|file:)/.test(specifier) && specifier !== door) outside.add(specifier)
    const resolved = next(specifier, context)
    if (/^[./]/.test(specifier) && !ours.test(resolved.url)) strays.add(resolved.url)
    return resolved
  },
})
const names = Object.keys(await import(door)).sort()
console.log(JSON.stringify({ outside: [...outside].sort(), strays: [...strays].sort(), names }))
`

const PATIENCE_MS = 20_000

/**
 * Imports `specifier` where a user in `folder` would, on the given Node.
 *
 * @param node Path of the program. @default the one that runs this
 * @throws Error with what the process said, if the import fails.
 */
export async function probeDoor(
  folder: string,
  specifier: string,
  node: string = process.execPath,
): Promise<ProbedDoor> {
  const args = ['--no-warnings', '--input-type=module', '-e', PROBE, specifier]
  const { stdout } = await promisify(execFile)(node, args, { cwd: folder, timeout: PATIENCE_MS })
  return JSON.parse(stdout)
}

/** `./redis` of `exports` as users write it: `tiercel/redis`. */
export function specifierOf(door: string): string {
  return door.replace('.', 'tiercel')
}

/** The doors in `exports` of a `package.json` that hold code. */
export function doorsOf(manifest: { exports: Readonly<Record<string, unknown>> }): string[] {
  return Object.keys(manifest.exports).filter((door) => typeof manifest.exports[door] === 'object')
}
