/** The page of patterns says what is counted, and what is counted shows what the page promises. */

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { patternCases } from '../src/patterns/pattern-cases.ts'
import { withTable } from '../src/patterns/pattern-page.ts'
import { patternTable } from '../src/patterns/pattern-table.ts'
import { type PatternRun, playPattern } from '../src/patterns/play-pattern.ts'

const page = readFileSync(new URL('../../docs/guides/patterns.md', import.meta.url), 'utf8')
const measured = page.slice(page.indexOf('<!-- measured'), page.indexOf('<!-- until'))
const runs: PatternRun[] = []
for (const pattern of patternCases) runs.push(await playPattern(pattern))

/** A step more or less of the shared tier, in some later release, is no other finding. */
const TOLERANCE = 0.15

function figures(line: string): number[] {
  return [...line.matchAll(/[\d,]+(?:\.\d+)?/g)].map(([text]) => Number(text.replaceAll(',', '')))
}

function run(start: string): PatternRun {
  const found = runs.find(({ name }) => name.startsWith(start))
  if (found === undefined) throw new Error(`There is no pattern ${start}.`)
  return found
}

describe('the ways to cache', () => {
  test('the page has them all, with the figures that are counted', () => {
    const lines = patternTable(runs).split('\n').slice(2)
    for (const [at, line] of lines.entries()) {
      const name = runs[at]?.name ?? ''
      const written = measured.split('\n').find((candidate) => candidate.startsWith(`| ${name} |`))
      expect(written, `a row of ${name}; run \`npm run patterns\``).toBeDefined()
      const now = figures(line)
      const then = figures(written ?? '')
      expect(then, name).toHaveLength(now.length)
      for (const [column, figure] of now.entries()) {
        const allowed = Math.max(2, figure * TOLERANCE)
        expect(Math.abs(figure - (then[column] ?? Number.NaN)), line).toBeLessThanOrEqual(allowed)
      }
    }
  })

  test('a load that was slow comes back where the value is set by hand, and nowhere else', () => {
    expect(run('by hand').stalestMs).toBeGreaterThan(500)
    const others = runs.filter(({ name }) => !name.startsWith('by hand'))
    // No longer than a message takes, which is a millisecond here.
    for (const { name, stalestMs } of others) expect(stalestMs, name).toBeLessThan(2)
  })

  test('what is written behind is acknowledged by the shared tier, and written in batches', () => {
    const behind = run('read-through, write behind')
    expect(behind.writeP50Ms).toBeLessThan(2)
    expect(behind.sourceWrites).toBeLessThan(run('read-through, write through').sourceWrites * 0.7)
  })

  test('the same run has the same figures', async () => {
    const [, byHand] = patternCases
    if (byHand === undefined) throw new Error('There are several.')
    expect(await playPattern(byHand)).toEqual(run('by hand'))
  })

  test('a page without a place for the table is refused', () => {
    expect(() => withTable('# Patterns\n', '')).toThrow('Expected the page to have')
  })
})
