/** How charts look: quiet axes, colours of the theme as it is when they are made. */

import type uPlot from 'uplot'
import type { LineChartProps } from './line-chart.tsx'

/** Nothing is counted in halves. */
const wholeSteps = Array.from({ length: 9 }, (_, power) =>
  [1, 2, 5].map((one) => one * 10 ** power),
).flat()

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

export function chartOptions(props: LineChartProps, box: HTMLElement): uPlot.Options {
  const style = getComputedStyle(box)
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim()
  const axis = {
    stroke: colour('muted'),
    grid: { stroke: colour('grid'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  }
  const isBand = props.lines.some(({ band }) => band)
  return {
    width: box.clientWidth,
    height: box.clientHeight,
    padding: [8, 26, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: { x: { time: true }, y: yScale(props) },
    axes: [
      {
        ...axis,
        size: 24,
        space: 70,
        values: (_, splits) => splits.map((s) => clock.format(s * 1_000)),
      },
      {
        ...axis,
        size: 58,
        space: 28,
        ...(props.scale === 'log' ? { splits: decades } : {}),
        ...(props.scale === 'whole' ? { incrs: wholeSteps } : {}),
        values: (_, splits) => splits.map((value) => (value === null ? '' : props.show(value))),
      },
    ],
    series: [
      {},
      ...props.lines.map((line) => ({
        label: line.name,
        stroke: colour(line.colour),
        width: 1.5,
        points: { show: false },
        spanGaps: false,
        ...(isBand ? { fill: colour(`${line.colour}-soft`) } : {}),
      })),
    ],
    ...(isBand
      ? {
          bands: props.lines
            .slice(1)
            .map((_, at) => ({ series: [at + 1, at + 2] })) as uPlot.Band[],
        }
      : {}),
  }
}

function yScale({ max, scale }: LineChartProps): uPlot.Scale {
  if (scale === 'log') return { distr: 3, range: (_, low, high) => logRange(low, high) }
  if (max !== undefined) return { range: [0, max] }
  return { range: (_, __, high) => [0, high > 0 ? high * 1.1 : 1] }
}

/** Whole decades, two at least, so that noise does not look like a change. */
function logRange(low: number | null, high: number | null): [number, number] {
  const from = 10 ** Math.floor(Math.log10(low !== null && low > 0 ? low : 0.01))
  const to = 10 ** Math.ceil(Math.log10(high !== null && high > 0 ? high : 1))
  return [from, Math.max(to, from * 100)]
}

/** One line for each decade; uPlot would draw nine. */
function decades(_: uPlot, __: number, low: number, high: number): number[] {
  const from = Math.round(Math.log10(low))
  const count = Math.round(Math.log10(high)) - from + 1
  return Array.from({ length: count }, (___, index) => 10 ** (from + index))
}
