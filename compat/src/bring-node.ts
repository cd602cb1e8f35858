/** Releases of Node beside the one of the checkout, as npm brings them. Kept in `.data/compat/`. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './pack-package.ts'

const INSTALL_MS_MAX = 5 * 60_000

/**
 * The newest release of a line, installed if it is not there yet.
 *
 * @param line Such as 22.
 * @returns The path of the program, and its version; `undefined` where npm has none that runs here.
 */
export function bringNode(line: number): { path: string; version: string } | undefined {
  const folder = join(ROOT, '.data', 'compat', `node-${line}`)
  const path = join(folder, 'node_modules', 'node', 'bin', 'node')
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true })
    // The program arrives by an install script, which npm runs for those that are named here.
    const manifest = { private: true, allowScripts: { node: true } }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    const args = ['install', '--no-audit', '--no-fund', `node@${line}`]
    spawnSync('npm', args, { cwd: folder, timeout: INSTALL_MS_MAX })
  }
  const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' })
  return status === 0 ? { path, version: stdout.trim().slice(1) } : undefined
}
