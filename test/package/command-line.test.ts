/** The program `tiercel`, as it is there once the package has been installed. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

function run(cwd: string, command: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  return { status, stdout, stderr }
}

/** A folder of somebody who has installed what would be published. */
function setup(): { readonly folder: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-installed-'))
  const packed = run(
    root,
    'npm',
    'pack',
    '--ignore-scripts',
    '--json',
    '--pack-destination',
    folder,
  )
  const [{ filename }] = JSON.parse(packed.stdout)
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const quiet = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts']
  const installed = run(folder, 'npm', 'install', ...quiet, `./${filename}`)
  if (installed.status !== 0) throw new Error(installed.stderr)
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

test('is started by npx, prints SQL, and ends with a code that says how it went', () => {
  using place = setup()
  const tiercel = (...args: readonly string[]) =>
    run(place.folder, 'npx', '--offline', 'tiercel', ...args)
  const printed = tiercel('sql', 'outbox', '--table', 'products')
  expect(printed.status).toBe(0)
  expect(printed.stdout).toMatch(/^BEGIN;\n/)
  expect(printed.stdout).toContain('CREATE TRIGGER')
  expect(printed.stdout).toMatch(/\nCOMMIT;\n$/)

  const wrong = tiercel('sql', 'outbox', '--table', 'odd name')
  expect([wrong.status, wrong.stdout]).toEqual([2, ''])
  expect(wrong.stderr).toContain('Expected `collection`')
  expect(tiercel('--help').stdout).toContain('Usage: tiercel <command>')
})
