/** The package as it would be published, and folders in which nothing else is installed. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Of the checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface PackedPackage extends Disposable {
  /** Path of the tarball. */
  readonly tarball: string
  /** Path of each file in it, below its root, sorted. */
  readonly files: readonly string[]
  /** Bytes of the tarball, and of all its files. */
  readonly sizeBytes: number
  readonly unpackedBytes: number
}

export interface CleanFolder extends Disposable {
  readonly folder: string
  /** Makes packages of the checkout known here, as if they had been installed too. */
  link(...names: readonly string[]): void
}

/**
 * Packs `dist/` as it stands.
 *
 * @throws Error with npm's words.
 */
export function packPackage(): PackedPackage {
  const folder = newFolder('tiercel-packed-')
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]
  const [packed] = JSON.parse(run(ROOT, 'npm', args))
  return {
    tarball: join(folder, packed.filename),
    files: packed.files.map(({ path }: { path: string }) => path).sort(),
    sizeBytes: packed.size,
    unpackedBytes: packed.unpackedSize,
    [Symbol.dispose]: () => remove(folder),
  }
}

/** A folder outside of the checkout, with the unpacked package in its `node_modules` and nothing beside it. */
export function cleanFolder({ tarball }: PackedPackage): CleanFolder {
  const clean = emptyFolder()
  writeFileSync(join(clean.folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  const target = join(clean.folder, 'node_modules', 'tiercel')
  mkdirSync(target, { recursive: true })
  run(target, 'tar', ['-xzf', tarball, '--strip-components=1'])
  return clean
}

/** A folder with nothing in it at all. */
export function emptyFolder(): CleanFolder {
  const folder = newFolder('tiercel-newcomer-')
  return {
    folder,
    link(...names) {
      for (const name of names) {
        const link = join(folder, 'node_modules', name)
        mkdirSync(dirname(link), { recursive: true })
        symlinkSync(join(ROOT, 'node_modules', name), link)
      }
    },
    [Symbol.dispose]: () => remove(folder),
  }
}

function newFolder(prefix: string): string {
  return mkdtempSync(join(tmpdir(), prefix))
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

function run(cwd: string, command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status === 0) return stdout
  throw error ?? new Error(`\`${[command, ...args].join(' ')}\` failed: ${stderr}`)
}
