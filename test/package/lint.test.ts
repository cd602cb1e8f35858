/** Rules of the linter that the house stands on: each must report the breach that is planted for it. */

import { expect, test } from 'vitest'
import { plantedTree } from './planted-tree.ts'

const long = (count: number): string[] => Array.from({ length: count }, (_, i) => `log(${i})`)

/** File, what stands in it, and the rule that must name the file. */
const planted: readonly (readonly [string, readonly string[], string])[] = [
  [
    'src/core/planted-date.ts',
    ['export const now = (): number => Date.now()'],
    'noRestrictedGlobals',
  ],
  ['src/core/planted-timer.ts', ['setTimeout(() => {}, 1)'], 'noRestrictedGlobals'],
  ['src/memory/planted-sleep.test.ts', ['setTimeout(() => {}, 1)'], 'noRestrictedGlobals'],
  [
    'src/memory/planted-promise.ts',
    ['async function work(): Promise<void> {}', 'export function start(): void {', '  work()', '}'],
    'noFloatingPromises',
  ],
  ['test/contract/planted-skip.test.ts', ["test.skip('a', () => {})"], 'noSkippedTests'],
  ['test/contract/planted-only.test.ts', ["test.only('a', () => {})"], 'noFocusedTests'],
  ['src/memory/planted-default.ts', ['export default 1'], 'noDefaultExport'],
  ['src/memory/planted-any.ts', ['export const a: any = 1'], 'noExplicitAny'],
  ['src/memory/planted-star.ts', ["export * from '../contracts/clock.ts'"], 'noReExportAll'],
  ['src/memory/planted-file.ts', long(501), 'noExcessiveLinesPerFile'],
  [
    'src/memory/planted-function.ts',
    ['export function endless(): void {', ...long(71), '}'],
    'noExcessiveLinesPerFunction',
  ],
  ['src/memory/PlantedName.ts', ['export const a = 1'], 'useFilenamingConvention'],
  [
    'src/memory/planted-type.ts',
    ["import { Clock } from '../contracts/clock.ts'", 'export type A = Clock'],
    'useImportType',
  ],
]

interface Report {
  readonly diagnostics: readonly {
    readonly category: string
    readonly location: { readonly path: string | { readonly file: string } }
  }[]
}

test('a breach of each rule is reported', () => {
  using tree = plantedTree()
  for (const [file, lines] of planted) tree.plant(file, ...lines)

  const files = planted.map(([file]) => file)
  const limits = ['--error-on-warnings', '--max-diagnostics=none', '--reporter=json']
  const { ok, output } = tree.run('biome', 'lint', ...limits, ...files)
  const start = output.indexOf('{"summary"')
  const report: Report = JSON.parse(output.slice(start, output.indexOf('\n', start)))
  const found = report.diagnostics.map(({ category, location: { path } }) => {
    return `${category.split('/').at(-1)}: ${typeof path === 'string' ? path : path.file}`
  })

  expect(ok).toBe(false)
  for (const [file, , rule] of planted) expect(found).toContain(`${rule}: ${file}`)
})

test('a file that is not formatted is reported', () => {
  using tree = plantedTree()
  tree.plant('src/memory/planted.ts', 'export const a = "1";')

  const { ok, output } = tree.run('biome', 'check', '--error-on-warnings', 'src/memory/planted.ts')
  expect(ok).toBe(false)
  expect(output).toContain('src/memory/planted.ts')
})
