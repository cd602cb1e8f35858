/**
 * A copy of the checkout to plant breaches in, so that a guard can be seen to bite while other tests
 * run undisturbed. Used by the tests of this folder.
 */

import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const left = new Set(['node_modules', '.git', 'coverage', '.data'])

export interface PlantedTree extends Disposable {
  readonly folder: string
  /** Writes a file, given line by line. */
  plant(file: string, ...lines: readonly string[]): void
  /** Replaces what a file holds by what `edit` makes of it. */
  edit(file: string, edit: (text: string) => string): void
  remove(file: string): void
  /** Runs a tool of the project in the copy. `output` is what it printed, errors included. */
  run(
    command: string,
    ...args: readonly string[]
  ): { readonly ok: boolean; readonly output: string }
}

/** Copies the checkout without what is installed; that is linked. Removed when disposed. */
export function plantedTree(): PlantedTree {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-planted-'))
  cpSync(root, folder, { recursive: true, filter: (source) => !left.has(basename(source)) })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const path = [dirname(process.execPath), join(root, 'node_modules', '.bin'), process.env['PATH']]
  const env = { ...process.env, PATH: path.join(delimiter), NO_COLOR: '1', FORCE_COLOR: '0' }

  return {
    folder,
    plant(file, ...lines) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), `${lines.join('\n')}\n`)
    },
    edit(file, edit) {
      const before = readFileSync(join(folder, file), 'utf8')
      const after = edit(before)
      if (after === before) throw new Error(`The edit of ${file} changed nothing.`)
      writeFileSync(join(folder, file), after)
    },
    remove: (file) => rmSync(join(folder, file)),
    run(command, ...args) {
      const options = { cwd: folder, encoding: 'utf8', env, maxBuffer: 64 * 2 ** 20 } as const
      const { status, stdout, stderr, error } = spawnSync(command, args, options)
      if (error !== undefined) throw error
      return { ok: status === 0, output: stdout + stderr }
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
