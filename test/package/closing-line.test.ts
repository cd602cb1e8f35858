/** The last line of `npm test` is relied on by programs: its counts and the exit code must be true. */

import { expect, test } from 'vitest'
import { type PlantedTree, plantedTree } from './planted-tree.ts'

const file = 'test/regressions/planted.test.ts'
const begin = "import { expect, test } from 'vitest'"
const pass = "test('passes', () => expect(1).toBe(1))"
const fail = "test('fails', () => expect(1).toBe(2))"

/** Runs the tests of the planted file alone. */
function run(tree: PlantedTree): { ok: boolean; last: string | undefined } {
  const { ok, output } = tree.run('node', 'scripts/test.mjs', '--project', 'regressions', 'planted')
  const lines = output.split('\n').filter((line) => / (passed|failed), /.test(line) || line === '')
  return { ok, last: lines.filter((line) => line !== '').at(-1) }
}

test('a run in which all pass ends well', () => {
  using tree = plantedTree()
  tree.plant(file, begin, pass)
  expect(run(tree)).toEqual({ ok: true, last: '1 passed, 0 failed' })
})

test('a failing test is counted', () => {
  using tree = plantedTree()
  tree.plant(file, begin, pass, fail)
  expect(run(tree)).toEqual({ ok: false, last: '1 passed, 1 failed' })
})

test('a file that cannot be loaded counts as a failure', () => {
  using tree = plantedTree()
  tree.plant(file, begin, "throw new Error('planted')", pass)
  expect(run(tree)).toEqual({ ok: false, last: '0 passed, 1 failed' })
})

test('an error outside of every test counts as a failure', () => {
  using tree = plantedTree()
  tree.plant(file, begin, "test('a', () => void Promise.reject(new Error('planted')))")
  expect(run(tree)).toEqual({ ok: false, last: '1 passed, 1 failed' })
})

test('a run of no test at all does not end well', () => {
  using tree = plantedTree()
  expect(run(tree)).toEqual({ ok: false, last: '0 passed, 0 failed' })
})
