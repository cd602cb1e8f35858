/** The page at `/`: plain HTML that reloads itself, without any script. */

import type { FollowingReport } from '../cache/following.ts'
import type { PatternTraffic } from '../cache/traffic.ts'
import type { ShopDeadLetter } from '../operations/dead-letters.ts'
import { text } from '../server/as-html.ts'
import { deadLetterSection } from './dead-letter-section.ts'
import { forecastSection } from './forecast-section.ts'
import type { StatusReport } from './status-report.ts'
import { warmSection } from './warm-section.ts'

const RELOAD_SECONDS = 3
const BAR_WIDTH = 640

/** Colours are in `status-style.ts`, under the same names. */
type Tier = 'memory' | 'shared' | 'source'
const TIERS: readonly Tier[] = ['memory', 'shared', 'source']

export function statusPage(report: StatusReport, letters: readonly ShopDeadLetter[]): string {
  const { reads, loads, memory } = report
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${RELOAD_SECONDS}">
<title>Tiercel shop</title>
<link rel="stylesheet" href="/status.css">
</head>
<body>
<header>
<h1>Tiercel shop</h1>
<p>This is instance <b>${text(report.instance)}</b>, up for ${duration(report.uptimeSeconds)}. <a href="/shop">/shop</a> is for clicking, the API is
described at <a href="/docs">/docs</a>, these numbers as JSON are at <a href="/status">/status</a>.</p>
</header>
<main>
<section class="tiles">
${tile('Reads', count(reads.total), `${percent(reads.hitRate)} from the cache`)}
${tile('Loads', count(loads.total), `${loads.averageMs.toFixed(2)} ms each, ${count(loads.failed)} failed`)}
${memoryTile(memory)}
${sharedTile(report)}
${tile('Writes', count(report.writes), `${count(report.invalidations)} invalidations beside`)}
${queueTiles(report.queue)}
${tile('Process', bytes(report.residentBytes), 'resident memory')}
</section>
<section>
<h2>Who answered</h2>
${bar(reads)}
<ul class="legend">${TIERS.map((tier) => `<li class="${tier}">${tier} ${count(reads[tier])}</li>`).join('')}</ul>
</section>
${warmSection(report.warming)}
${forecastSection(report.forecast)}
<section>
<h2>Other instances</h2>
${following(report)}
</section>
${deadLetterSection(report.queue?.deadLetters ?? 0, letters)}<section>
<h2>By collection</h2>
${table(report.patterns)}
</section>
<section>
<h2>Source</h2>
<p>The products are in ${report.source.kind} at ${text(report.source.name)}.</p>
<ul>${report.files.map(({ name, bytes: size }) => `<li>${text(name)}: ${bytes(size)}</li>`).join('')}</ul>
</section>
</main>
</body>
</html>
`
}

function tile(name: string, value: string, note: string): string {
  return `<div><h2>${name}</h2><strong>${value}</strong><span>${note}</span></div>`
}

function memoryTile(memory: StatusReport['memory']): string {
  if (memory === undefined) return tile('In memory', '–', 'cannot be told now')
  return tile('In memory', count(memory.entries), `entries, ${bytes(memory.bytes)}`)
}

function sharedTile({ shared, sharedTier }: StatusReport): string {
  const name = `Shared tier: ${sharedTier.kind}`
  if (shared === undefined) return tile(name, '–', 'does not answer')
  const { entries, bytes: used, maxBytes } = shared
  const bound = maxBytes === undefined ? '' : ` of ${bytes(maxBytes)}`
  return tile(name, count(entries), `entries, ${bytes(used)}${bound}`)
}

function queueTiles(queue: StatusReport['queue']): string {
  if (queue === undefined) return tile('Waiting changes', '–', 'cannot be told now')
  const { waiting, oldestMs, deadLetters } = queue
  const oldest =
    waiting === 0 ? 'the source has all' : `the oldest for ${(oldestMs / 1_000).toFixed(1)} s`
  return [
    tile('Waiting changes', count(waiting), oldest),
    tile('Dead letters', count(deadLetters), 'changes that were given up'),
  ].join('\n')
}

const STANDING: Readonly<Record<FollowingReport['state'], string>> = {
  followed: 'Followed: changes of other instances reach this one.',
  blind: 'Blind: changes of other instances do not reach this one; its copies are served for 5 s.',
  unknown: 'Whether changes of other instances reach this one cannot be told now.',
}

function following({ sharedTier, following: report, tierFailures }: StatusReport): string {
  const { state, hints, gaps, follows, breaker, reason } = report
  const lines = [
    `<p>They share ${sharedTier.kind} at ${text(sharedTier.name)}. ${STANDING[state]}</p>`,
    `<ul><li>${count(hints)} messages of changes, ${count(gaps)} changes that no message told</li>`,
    `<li>looked ${count(follows)} times for more</li>`,
    `<li>${count(tierFailures)} calls of the shared tier not answered</li></ul>`,
  ]
  if (breaker !== 'closed') {
    lines.push(`<p class="warning">The shared tier rests (${breaker}): ${text(reason)}.</p>`)
  }
  return lines.join('\n')
}

/** One line in three colours. Widths are attributes, since the page's policy refuses inline styles. */
function bar(reads: StatusReport['reads']): string {
  let x = 0
  const parts = TIERS.map((tier) => {
    const width = reads.total === 0 ? 0 : (reads[tier] / reads.total) * BAR_WIDTH
    const part = `<rect class="${tier}" x="${x.toFixed(1)}" width="${width.toFixed(1)}" height="16"/>`
    x += width
    return part
  })
  const spoken = TIERS.map((tier) => `${tier} ${reads[tier]}`).join(', ')
  return `<svg class="bar" viewBox="0 0 ${BAR_WIDTH} 16" preserveAspectRatio="none" role="img" aria-label="${spoken}">${parts.join('')}</svg>`
}

function table(patterns: readonly Readonly<PatternTraffic>[]): string {
  if (patterns.length === 0) {
    return '<p>Nothing was read yet. Try <a href="/products/1/details">/products/1/details</a>.</p>'
  }
  const rows = patterns.map((row) => {
    const cells = [row.memoryHits, row.sharedHits, row.loads, row.failedLoads]
    const averageMs = row.loads === 0 ? '' : (row.loadMs / row.loads).toFixed(2)
    return `<tr><th scope="row">${text(row.pattern)}</th>${cells.map((cell) => `<td>${count(cell)}</td>`).join('')}<td>${averageMs}</td></tr>`
  })
  return `<div class="wide"><table>
<thead><tr><th scope="col">Pattern</th><th scope="col">Memory hits</th><th scope="col">Shared hits</th><th scope="col">Loads</th><th scope="col">Failed</th><th scope="col">ms a load</th></tr></thead>
<tbody>${rows.join('')}</tbody>
</table></div>`
}

function count(value: number): string {
  return value.toLocaleString('en')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function bytes(value: number): string {
  if (value < 1_024) return `${value} B`
  if (value < 1_024 ** 2) return `${(value / 1_024).toFixed(1)} KB`
  return `${(value / 1_024 ** 2).toFixed(1)} MB`
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`
}
