/** `docs/benchmarks.md` with the tables of this run in the place of the earlier ones. */

import { benchMarkdown } from './bench-markdown.ts'
import type { SpreadRow } from './bench-row.ts'
import type { BenchSetting } from './bench-setting.ts'

/** What `benchMarkdown` writes: when and where, and a table. */
const measured = /^Measured [^\n]*\nVersions: [^\n]*\n\n(?:\|[^\n]*\n)+/gm
const suiteOf = /^\| (\w+) \|/gm

/**
 * Each table is replaced by what was measured of its suite; those of other suites stay, and a suite that
 * has none yet has one at the end. What is said of them is written by hand, and to be read again.
 */
export function withMeasured(
  page: string,
  setting: BenchSetting,
  rows: readonly SpreadRow[],
): string {
  const left = new Set(rows.map(({ row }) => row.suite))
  const tableOf = (suite: string): string =>
    benchMarkdown(
      setting,
      rows.filter(({ row }) => row.suite === suite),
    )
  const written = page.replaceAll(measured, (table) => {
    // The first row is the head.
    const suite = [...table.matchAll(suiteOf)].at(1)?.[1] ?? ''
    return left.delete(suite) ? tableOf(suite) : table
  })
  const added = [...left].map((suite) => `\n## The suite ${suite}\n\n${tableOf(suite)}`)
  return written + added.join('')
}
