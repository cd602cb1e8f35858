/** `docs/requirements.md` may claim only what tests show. The check must find every way to claim more. */

import { expect, test } from 'vitest'
import { type PlantedTree, plantedTree } from './planted-tree.ts'

const page = 'docs/requirements.md'
const file = 'test/contract/planted.test.ts'

/** A page whose rows all name one planted test, which exists. */
function setup(): {
  tree: PlantedTree
  check: () => { ok: boolean; output: string }
  row: (id: string, shownBy: string) => void
} {
  const tree = plantedTree()
  tree.plant(
    file,
    "describe('a tier', () => {",
    "  test('it\\'s kept', () => {})",
    '})',
    "// test('it was kept', () => {})",
  )
  tree.edit(page, (text) =>
    text.replaceAll(/^(\| (?:CO-|[A-Z])\d+ \|.*\|)[^|]*\|$/gm, `$1 \`${file} › it's kept\` |`),
  )
  const row = (id: string, shownBy: string): void =>
    tree.edit(page, (text) =>
      text.replace(new RegExp(`^(\\| ${id} \\|.*\\|)[^|]*\\|$`, 'm'), `$1 ${shownBy} |`),
    )
  return { tree, row, check: () => tree.run('node', 'scripts/check-requirements.mjs') }
}

test('a page whose tests all exist passes', () => {
  const { tree, check, row } = setup()
  using _ = tree
  row('P2', `\`${file} › a tier › it's kept\`, \`${file} › it's kept\``)

  expect(check()).toEqual({ ok: true, output: '' })
})

test('a row that names no test, or one that does not exist, is reported', () => {
  const { tree, check, row } = setup()
  using _ = tree
  row('P1', '')
  row('P2', `\`${file} › it was kept\``)
  row('P4', '`test/contract/nowhere.test.ts › it is kept`')
  row('T1', `\`${file} › another tier › it's kept\``)
  row('T2', 'see the source')
  row('T3', `\`${file}\``)
  row('CO-7', `\`${file} › it was kept\``)

  const { ok, output } = check()
  expect(ok).toBe(false)
  expect(output.split('\n').map((line) => /: ((?:CO-|[A-Z])\d+)\b/.exec(line)?.[1])).toEqual([
    'P1',
    'P2',
    'P4',
    'T1',
    'T2',
    'T2',
    'T3',
    'CO-7',
    undefined,
  ])
})

test('a case of a suite counts where the file runs suites', () => {
  const { tree, check, row } = setup()
  using _ = tree
  tree.plant(
    'src/testing/planted-suite.ts',
    "export const planted = [{ name: 'a fill is refused', run() {} }]",
  )
  tree.plant('test/contract/runs.test.ts', "import { planted } from '../../src/testing/index.ts'")
  row('P1', '`test/contract/runs.test.ts › a fill is refused`')
  row('P2', `\`${file} › a fill is refused\``)

  const { output } = check()
  expect(output).not.toContain('P1')
  expect(output).toContain('P2')
})

test('an id that is missing, doubled, unknown or taken back is reported', () => {
  const { tree, check } = setup()
  using _ = tree
  tree.edit(page, (text) =>
    text
      .replace(/^\| P1 .*\n/m, '')
      .replace(/^(\| P2 .*\n)/m, '$1$1')
      .replace(/^(## Not there yet\n\n).*$/m, '$1T1, T1, Q1')
      .replace(/^\| T1 .*\n/m, '')
      .replace(/^\| CO-3 .*\n/m, ''),
  )

  const { ok, output } = check()
  expect(ok).toBe(false)
  expect(output).toContain('P1 stands 0 times')
  expect(output).toContain('P2 stands 2 times')
  expect(output).toContain('Q1 is no requirement')
  expect(output).toContain('T1 is missing from the table')
  expect(output).toContain('CO-3 is missing from the table')
})
