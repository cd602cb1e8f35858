/** The runs as a picture: queries of the source, reads and writes, one bar a way to cache. */

import type { PatternRun } from './play-pattern.ts'

const WIDTH = 760
const LABEL = 250
const BAR = 20
const STEP = 34
const TOP = 58
/** Legible on white and on the dark page of a code host. */
const TEXT = '#6e7781'
const READS = '#1f77b4'
const WRITES = '#e08214'

export function patternChart(runs: readonly PatternRun[]): string {
  const most = Math.max(...runs.map(({ sourceReads, sourceWrites }) => sourceReads + sourceWrites))
  const scale = (WIDTH - LABEL - 60) / most
  const height = TOP + runs.length * STEP + 10
  const title = 'Queries of the source for each 1,000 reads and writes'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}" font-family="sans-serif" font-size="13" fill="${TEXT}">`,
    `<title>${title}</title>`,
    `<text x="0" y="16" font-size="15" font-weight="bold">${title}</text>`,
    `<rect x="${LABEL}" y="28" width="12" height="12" fill="${READS}"/><text x="${LABEL + 18}" y="39">reads</text>`,
    `<rect x="${LABEL + 80}" y="28" width="12" height="12" fill="${WRITES}"/><text x="${LABEL + 98}" y="39">writes</text>`,
    ...runs.map((run, at) => bar(run, TOP + at * STEP, scale)),
    '</svg>',
    '',
  ].join('\n')
}

function bar({ name, sourceReads, sourceWrites }: PatternRun, y: number, scale: number): string {
  const reads = sourceReads * scale
  const writes = sourceWrites * scale
  const total = Math.round(sourceReads + sourceWrites)
  return [
    `<text x="${LABEL - 8}" y="${y + 15}" text-anchor="end">${name.replaceAll('`', '')}</text>`,
    `<rect x="${LABEL}" y="${y}" width="${reads.toFixed(1)}" height="${BAR}" fill="${READS}"/>`,
    `<rect x="${(LABEL + reads).toFixed(1)}" y="${y}" width="${writes.toFixed(1)}" height="${BAR}" fill="${WRITES}"/>`,
    `<text x="${(LABEL + reads + writes + 6).toFixed(1)}" y="${y + 15}">${total}</text>`,
  ].join('')
}
