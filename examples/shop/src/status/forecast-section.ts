/** The part of the status page that holds the forecast against what came. */

import type { Accuracy, ForecastReport, PastHour } from './forecast.ts'

const HEADS = [
  'Hour',
  'Expected that came',
  'Reads that were met',
  'By the hour before',
  'Reads met by it',
]

export function forecastSection(forecast: ForecastReport | undefined): string {
  return `<section>
<h2>Forecast</h2>
${forecast === undefined ? '<p>No forecast yet.</p>' : words(forecast)}
</section>`
}

/** Before, the cache carries no forecast out. */
const HOURS_AT_LEAST = 24

function words(forecast: ForecastReport): string {
  const { startsAt, expected, hours, past } = forecast
  const keys = expected
    .map(({ key, reads }) => `<a href="/products/${key}">${key}</a> (${reads.toFixed(1)})`)
    .join(', ')
  const next =
    keys === '' ? 'nothing that is known' : `these products first, with reads of each: ${keys}`
  return `<p>From ${clock(startsAt)} on: ${next}. ${followed(forecast)}
${hours} hours were compared with what came.</p>
${past.length === 0 ? '' : table(past)}`
}

function followed({ on, hours }: ForecastReport): string {
  if (on) return 'The shop warms by it.'
  if (hours < HOURS_AT_LEAST)
    return `Nothing is warmed by it before ${HOURS_AT_LEAST} hours are known.`
  return 'Nothing is warmed by it: it is no better than what was read last.'
}

function table(past: readonly PastHour[]): string {
  const heads = HEADS.map((head) => `<th scope="col">${head}</th>`).join('')
  return `<div class="wide"><table>
<thead><tr>${heads}</tr></thead>
<tbody>${past.map(row).join('')}</tbody>
</table></div>`
}

function row({ startsAt, forecast, lastHour }: PastHour): string {
  return `<tr><th scope="row">${clock(startsAt)}</th>${shares(forecast)}${shares(lastHour)}</tr>`
}

function shares({ precision, recall }: Accuracy): string {
  return [precision, recall].map((share) => `<td>${(share * 100).toFixed(0)} %</td>`).join('')
}

function clock(at: number): string {
  const iso = new Date(at).toISOString()
  return `<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')}</time>`
}
