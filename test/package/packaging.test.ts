/** What users install is checked as they resolve it. A door that is broken must be reported. */

import { expect, test } from 'vitest'
import { plantedTree } from './planted-tree.ts'

test('a door that is missing from the build is reported', () => {
  using tree = plantedTree({ dist: 'copied' })
  tree.remove('dist/memory/index.js')

  const { ok, output } = tree.run('publint', '--strict')
  expect(ok).toBe(false)
  expect(output).toContain('dist/memory/index.js')
})

test('a door without types is reported', () => {
  using tree = plantedTree({ dist: 'copied' })
  tree.remove('dist/memory/index.d.ts')

  const { ok, output } = tree.run('attw', '--pack', '.', '--profile', 'esm-only')
  expect(ok).toBe(false)
  expect(output).toContain('tiercel/memory')
})

test('a door that costs more than its limit is reported', () => {
  using tree = plantedTree({ dist: 'copied' })
  tree.edit('.size-limit.json', (text) => text.replace(/"limit": "[^"]*"/, '"limit": "10 B"'))

  const { ok, output } = tree.run('size-limit')
  expect(ok).toBe(false)
  expect(output).toContain('exceeded')
})
