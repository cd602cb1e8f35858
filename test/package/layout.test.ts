/** The check of the house's own rules must report each breach, with the file that commits it. */

import { expect, test } from 'vitest'
import { plantedTree } from './planted-tree.ts'

/** File, what stands in it, and the words that must be printed with its name. */
const planted: readonly (readonly [string, string, string])[] = [
  ['src/http/index.ts', 'export const logic = 1', 'a door holds'],
  ['src/memory/string-utils.ts', 'export const a = 1', 'name it after what it holds'],
  ['src/memory/helpers/text.ts', 'export const a = 1', 'name it after what it holds'],
  ['src/memory/planted-note.ts', '// TODO: later', 'a note for later names its issue'],
  ['src/core/planted-chance.ts', 'export const a = Math.random()', 'take chance from'],
]

test('a breach of each rule is reported', () => {
  using tree = plantedTree()
  for (const [file, line] of planted) tree.plant(file, line)
  tree.plant('src/attic/planted.ts', 'export const a = 1')
  tree.plant('examples/planted/package.json', '{}')
  tree.edit('package.json', (text) =>
    text.replace(
      '"./codecs": {',
      '"./planted": { "default": "./dist/planted/index.js" }, "./codecs": {',
    ),
  )

  const { ok, output } = tree.run('node', 'scripts/check-layout.mjs')
  expect(ok).toBe(false)
  for (const [file, , words] of planted) expect(output).toContain(`${file}: ${words}`)
  expect(output).toContain('src/attic: add the room')
  expect(output).toContain('examples/planted/: add a tsconfig.json')
  expect(output).toContain('src/planted/index.ts: package.json exports it')
  expect(output).toContain('dist/planted/index.js: add it to .size-limit.json')
})

test('a lock file that some platforms cannot install from is reported', () => {
  using tree = plantedTree()
  tree.edit('package-lock.json', (text) =>
    text.replace('"node_modules/@biomejs/cli-win32-x64": {', '"node_modules/planted": {'),
  )

  const { ok, output } = tree.run('node', 'scripts/check-layout.mjs')
  expect(ok).toBe(false)
  expect(output).toContain('@biomejs/cli-win32-x64 is not locked')
})

test('a note that names its issue, and one inside of a string, are left alone', () => {
  using tree = plantedTree()
  tree.plant('src/memory/planted-issue.ts', '// TODO(#12): later')
  tree.plant('src/memory/planted-text.ts', "export const a = 'TODO'")

  expect(tree.run('node', 'scripts/check-layout.mjs').output).not.toContain('planted')
})
