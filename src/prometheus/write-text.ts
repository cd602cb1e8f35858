/**
 * The text that Prometheus reads: its own format 0.0.4, and OpenMetrics 1.0.
 *
 * They differ in the names of counters' families, in `# UNIT`, in exemplars and in the end.
 */

import type { ExemplarSource } from '../contracts/exemplar.ts'
import { LATENCY_LIMITS, type Measured, type MeasuredHistogram } from '../figures/index.ts'
import { familyName, metricName, unitName } from './metric-name.ts'

export type TextFormat = 'text' | 'openmetrics'

export interface Written {
  readonly figures: readonly Measured[]
  readonly latency: MeasuredHistogram
}

export interface WriteOptions {
  readonly format: TextFormat
  readonly exemplars: ExemplarSource | undefined
}

export function writeText({ figures, latency }: Written, options: WriteOptions): string {
  const lines: string[] = []
  for (const figure of figures) writeFigure(lines, figure, options)
  if (latency.points.length > 0) writeHistogram(lines, latency, options)
  if (options.format === 'openmetrics') lines.push('# EOF')
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

function writeFigure(lines: string[], figure: Measured, { format }: WriteOptions): void {
  writeHead(lines, figure, format)
  const name = metricName(figure)
  for (const { labels, value } of figure.points) {
    lines.push(`${name}${labelSet(labels)} ${numberText(value)}`)
  }
}

function writeHead(
  lines: string[],
  figure: Measured | MeasuredHistogram,
  format: TextFormat,
): void {
  const name = format === 'openmetrics' ? familyName(figure) : metricName(figure)
  lines.push(`# HELP ${name} ${helpText(figure.help, format)}`)
  lines.push(`# TYPE ${name} ${figure.kind}`)
  const unit = unitName(figure)
  if (format === 'openmetrics' && unit !== '') lines.push(`# UNIT ${name} ${unit}`)
}

function writeHistogram(
  lines: string[],
  histogram: MeasuredHistogram,
  { format, exemplars }: WriteOptions,
): void {
  writeHead(lines, histogram, format)
  const name = familyName(histogram)
  for (const { labels, value } of histogram.points) {
    let below = 0
    for (const [place, count] of value.buckets.entries()) {
      below += count
      const limit = LATENCY_LIMITS[place] ?? Number.POSITIVE_INFINITY
      const line = `${name}_bucket${labelSet({ ...labels, le: numberText(limit) })} ${below}`
      // Of a bucket with nothing in it there is none, whatever somebody remembers.
      const wanted = format === 'openmetrics' && count > 0 ? exemplars : undefined
      lines.push(line + exemplarText(wanted?.({ ...bucketOf(labels), bucket: place })))
    }
    lines.push(`${name}_sum${labelSet(labels)} ${numberText(value.sumMs / 1000)}`)
    lines.push(`${name}_count${labelSet(labels)} ${value.count}`)
  }
}

type Bucket = Omit<Parameters<ExemplarSource>[0], 'bucket'>

function bucketOf(labels: Readonly<Record<string, string>>): Bucket {
  const { cache, pattern, operation, tier } = labels
  return { cache, pattern, operation, tier } as Bucket
}

function exemplarText(exemplar: ReturnType<ExemplarSource>): string {
  if (exemplar === undefined) return ''
  const { traceId, spanId, durationMs, at } = exemplar
  const labels = labelSet({ trace_id: traceId, span_id: spanId })
  return ` # ${labels} ${numberText(durationMs / 1000)} ${numberText(at / 1000)}`
}

function labelSet(labels: Readonly<Record<string, string>>): string {
  let text = '{'
  for (const name in labels) {
    text += `${text === '{' ? '' : ','}${name}="${escaped(labels[name] ?? '')}"`
  }
  return `${text}}`
}

const TO_ESCAPE = /["\\\n]/

function escaped(text: string): string {
  if (!TO_ESCAPE.test(text)) return text
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function helpText(help: string, format: TextFormat): string {
  const text = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return format === 'openmetrics' ? text.replaceAll('"', '\\"') : text
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : `${value}`
}
