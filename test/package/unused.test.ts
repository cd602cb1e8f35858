/** What nobody uses must be reported: a file, an export, a dependency. */

import { expect, test } from 'vitest'
import { plantedTree } from './planted-tree.ts'

test('an unused file, export and dependency are reported', () => {
  using tree = plantedTree()
  tree.plant('src/memory/planted-file.ts', 'export const a = 1')
  tree.edit('src/core/defaults.ts', (text) => `${text}\nexport const plantedExport = 1\n`)
  tree.edit('package.json', (text) =>
    text.replace('"devDependencies": {', '"devDependencies": { "planted-dependency": "1.0.0",'),
  )

  const { ok, output } = tree.run('knip', '--treat-config-hints-as-errors')
  expect(ok).toBe(false)
  expect(output).toContain('src/memory/planted-file.ts')
  expect(output).toContain('plantedExport')
  expect(output).toContain('planted-dependency')
})
