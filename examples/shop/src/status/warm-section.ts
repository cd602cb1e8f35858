/** The part of the status page that shows what is warmed, and how far it has come. */

import type { WarmRun } from '../cache/warm-runs.ts'
import { text } from '../server/as-html.ts'

const BEGUN_BY: Readonly<Record<string, string>> = {
  start: 'the start',
  schedule: 'the clock',
  hot: 'reads',
  call: 'a call',
  forecast: 'the forecast',
}

const HEADS = ['Pattern', 'Begun by', 'Keys', 'State', 'Loaded', 'Fresh', 'Not there', 'Failed']

export function warmSection(runs: readonly WarmRun[]): string {
  return `<section>
<h2>Warming</h2>
${runs.length === 0 ? '<p>Nothing was warmed yet. Every full hour, what is cached is loaded anew.</p>' : table(runs)}
</section>`
}

function table(runs: readonly WarmRun[]): string {
  const heads = HEADS.map((head) => `<th scope="col">${head}</th>`).join('')
  const errors = runs
    .filter(({ error }) => error !== '')
    .map(({ pattern, error }) => `<p class="warning">${text(pattern)}: ${text(error)}</p>`)
  return `<div class="wide"><table>
<thead><tr>${heads}</tr></thead>
<tbody>${runs.map(row).join('')}</tbody>
</table></div>
${errors.join('\n')}`
}

function row(run: WarmRun): string {
  const { pattern, reason, loaded, fresh, absent, failed } = run
  const numbers = [loaded, fresh, absent, failed].map((value) => `<td>${count(value)}</td>`)
  return `<tr><th scope="row">${text(pattern)}</th><td>${BEGUN_BY[reason] ?? reason}</td><td>${keys(run)}</td><td>${state(run)}</td>${numbers.join('')}</tr>`
}

function keys({ state, done, expected }: WarmRun): string {
  if (expected === undefined) return count(done)
  const told = `${count(done)} of ${count(expected)}`
  if (state !== 'running') return told
  return `<progress value="${done}" max="${expected}"></progress> ${told}`
}

function state({ state, elapsedMs, toldAt, missedTicks }: WarmRun): string {
  const seconds = `${(elapsedMs / 1_000).toFixed(1)} s`
  const at = new Date(toldAt).toISOString()
  const missed = missedTicks === 0 ? '' : `, ${count(missedTicks)} times missed`
  if (state === 'running') return `running for ${seconds}${missed}`
  return `<time datetime="${at}">${state} at ${at.slice(11, 19)}</time> after ${seconds}${missed}`
}

function count(value: number): string {
  return value.toLocaleString('en')
}
