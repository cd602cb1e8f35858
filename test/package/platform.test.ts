/** The engine compiles where no platform exists. Each name that would tie it to one must be refused. */

import { expect, test } from 'vitest'
import { plantedTree } from './planted-tree.ts'

const platform = [
  ['process', 'export const planted: unknown = process'],
  ['buffer', 'export const planted: unknown = Buffer'],
  ['timer', 'export const planted: unknown = setTimeout'],
  ['fetch', 'export const planted: unknown = fetch'],
  ['console', 'export const planted: unknown = console'],
  ['performance', 'export const planted: unknown = performance'],
  ['fs', "import { existsSync } from 'node:fs'\nexport const planted: unknown = existsSync"],
] as const

test('the core compiles only without a platform', () => {
  using tree = plantedTree()
  for (const [name, line] of platform) tree.plant(`src/core/planted-${name}.ts`, line)
  tree.plant('src/contracts/planted.ts', platform[0][1])

  const { ok, output } = tree.run('tsc', '-p', 'tsconfig.core.json', '--pretty', 'false')
  expect(ok).toBe(false)
  for (const [name] of platform) expect(output).toContain(`src/core/planted-${name}.ts(`)
  expect(output).toContain('src/contracts/planted.ts(')
})
