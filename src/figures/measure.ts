/**
 * Reads the figures of snapshots: the one list that every exporter goes by, so that all of them show
 * the same.
 */

import type { MetricsSnapshot, PatternMetrics } from '../contracts/metrics.ts'
import { CACHE_FIGURES } from './cache-figures.ts'
import type { Labels, Measured, MeasuredHistogram, Point } from './figure.ts'
import type { PatternChoice } from './pattern-choice.ts'
import { PATTERN_FIGURES } from './pattern-figures.ts'

type Histogram = MeasuredHistogram['points'][number]['value']

/** Longer ones are cut: what a person names a pattern by fits in it. */
const MOST_LABEL = 256
const OTHER = 'other'

/** Names, units and kinds of all figures, whatever the snapshots have. */
export const FIGURE_LIST: readonly Omit<Measured, 'points'>[] = [
  ...PATTERN_FIGURES,
  ...CACHE_FIGURES,
].map(({ kind, name, unit, help }) => ({ kind, name, unit, help }))

/** Every figure that has a point, in the order of `FIGURE_LIST`. */
export function measure(
  snapshots: readonly MetricsSnapshot[],
  choice: PatternChoice,
): readonly Measured[] {
  const ofPatterns = PATTERN_FIGURES.map(({ of, ...figure }) => {
    const points = new PointSet(figure.kind === 'counter' ? add : last)
    eachPattern(snapshots, choice, (pattern, labels, isOwn) => {
      // A rate, a percentile or a verdict of several patterns together would be made up.
      if (figure.kind === 'gauge' && !isOwn) return
      for (const { labels: more, value } of of(pattern)) points.put({ ...labels, ...more }, value)
    })
    return { ...figure, points: points.all }
  })
  const ofCaches = CACHE_FIGURES.map(({ points: of, ...figure }) => {
    const points = new PointSet(figure.kind === 'counter' ? add : last)
    for (const snapshot of snapshots) {
      const labels = { cache: snapshot.cache, instance: snapshot.instance }
      for (const { labels: more, value } of of(snapshot)) {
        points.put(told({ ...labels, ...more }), value)
      }
    }
    return { ...figure, points: points.all }
  })
  return [...ofPatterns, ...ofCaches].filter(({ points }) => points.length > 0)
}

export function measureLatency(
  snapshots: readonly MetricsSnapshot[],
  choice: PatternChoice,
): MeasuredHistogram {
  const points = new PointSet<Histogram>(addHistograms)
  eachPattern(snapshots, choice, ({ latency }, labels) => {
    for (const { operation, tier, ...histogram } of latency) {
      points.put({ ...labels, operation, tier }, histogram)
    }
  })
  return { ...LATENCY, points: points.all }
}

export const LATENCY: Omit<MeasuredHistogram, 'points'> = {
  kind: 'histogram',
  name: 'operation.duration',
  unit: 's',
  help: 'How long operations took, by the tier that has answered.',
}

/** `isOwn`: the pattern is told apart, and not counted into `other` here. */
function eachPattern(
  snapshots: readonly MetricsSnapshot[],
  choice: PatternChoice,
  visit: (pattern: PatternMetrics, labels: Labels, isOwn: boolean) => void,
): void {
  for (const { cache, instance, patterns } of snapshots) {
    for (const pattern of patterns) {
      const isOwn = choice.takes(cache, instance, pattern.pattern)
      const name = isOwn ? pattern.pattern : OTHER
      visit(pattern, told({ cache, instance, pattern: name }), isOwn)
    }
  }
}

const add = (a: number, b: number): number => a + b
const last = (_: number, b: number): number => b

function addHistograms(a: Histogram, b: Histogram): Histogram {
  const [under1, under5, under10, under50, under100, more] = b.buckets
  const buckets = [
    ...[a.buckets[0] + under1, a.buckets[1] + under5, a.buckets[2] + under10],
    ...[a.buckets[3] + under50, a.buckets[4] + under100, a.buckets[5] + more],
  ] as unknown as Histogram['buckets']
  return { count: a.count + b.count, sumMs: a.sumMs + b.sumMs, buckets }
}

/** Points by their labels: two of the same labels would be refused by whoever reads them. */
class PointSet<T = number> {
  readonly #join: (a: T, b: T) => T
  readonly #points = new Map<string, Point<T>>()

  constructor(join: (a: T, b: T) => T) {
    this.#join = join
  }

  get all(): readonly Point<T>[] {
    return [...this.#points.values()]
  }

  put(labels: Labels, value: T | null): void {
    if (value === null) return
    let id = ''
    // With its length, no text can pass for two.
    for (const name in labels) id += `${labels[name]?.length}:${labels[name]}`
    const before = this.#points.get(id)
    this.#points.set(id, { labels, value: before ? this.#join(before.value, value) : value })
  }
}

/** What may stand in a label: neither half of a pair of surrogates may stand alone in UTF-8. */
function told(labels: Labels): Labels {
  const fits = Object.values(labels).every(
    (text) => text.length <= MOST_LABEL && text.isWellFormed(),
  )
  if (fits) return labels
  return Object.fromEntries(
    Object.entries(labels).map(([name, text]) => [name, text.slice(0, MOST_LABEL).toWellFormed()]),
  )
}
