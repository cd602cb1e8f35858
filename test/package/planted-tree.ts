/**
 * A copy of the checkout to plant breaches in, so that a guard can be seen to bite while other tests
 * run undisturbed. Used by the tests of this folder.
 */

import { execFileSync, spawnSync } from 'node:child_process'
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const left = new Set(['node_modules', '.git', 'coverage', '.data', 'dist'])

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

/**
 * By the system's own command, in few calls: Node takes ten times as long for each file. `packages`: folders
 * with what is left in them, or below.
 */
function copy(from: string, to: string, packages: ReadonlySet<string>): void {
  const whole: string[] = []
  for (const name of readdirSync(from)) {
    if (left.has(name)) continue
    const source = join(from, name)
    if (packages.has(source)) {
      mkdirSync(join(to, name))
      copy(source, join(to, name), packages)
    } else whole.push(source)
  }
  if (whole.length > 0) execFileSync('cp', ['-R', '--', ...whole, to])
}

/** Workspaces that need another version than the rest have some of their own. */
const installed = globSync('{.,dashboard-app,bench,compat,examples/*,scripts/*}/node_modules', {
  cwd: root,
})
const packages = new Set(
  installed.flatMap((place) => [dirname(join(root, place)), dirname(dirname(join(root, place)))]),
)

/** What is built is most of the files; only who changes it has a copy of its own. */
export interface PlantedTreeOptions {
  /** @default 'linked' */
  readonly dist?: 'linked' | 'copied' | 'none'
}

/** Copies the checkout without what is installed; that is linked. Removed when disposed. */
export function plantedTree({ dist = 'linked' }: PlantedTreeOptions = {}): PlantedTree {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-planted-'))
  copy(root, folder, packages)
  if (dist === 'linked') symlinkSync(join(root, 'dist'), join(folder, 'dist'))
  if (dist === 'copied') execFileSync('cp', ['-R', join(root, 'dist'), folder])
  for (const place of installed) symlinkSync(join(root, place), join(folder, place))
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
