/** A chart of the last minutes, painted by uPlot; its latest figures stand beside it as text. */

import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { chartOptions } from './chart-options.ts'

export interface Line {
  readonly name: string
  /** Of the palette: a custom property without its dashes. */
  readonly colour: string
  readonly values: readonly (number | null)[]
  /** Fills down to the line before, which makes bands of sums. */
  readonly band?: boolean
  /** What is told as the latest figure, where that is not the last value. */
  readonly latest?: number | null
}

export interface LineChartProps {
  readonly title: string
  /** Epoch seconds. */
  readonly times: readonly number[]
  readonly lines: readonly Line[]
  readonly show: (value: number | null) => string
  /** Fixed; otherwise from 0 to what is there. */
  readonly max?: number
  readonly scale?: 'linear' | 'log' | 'whole'
}

/** A chart that has just begun shows a minute, and grows to what is kept. */
const spanSMin = 60

export function LineChart(props: LineChartProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot>(undefined)
  const last = useRef(props)
  last.current = props

  useEffect(() => {
    const { current } = box
    if (current === null) return
    function draw(): void {
      if (current === null) return
      chart.current?.destroy()
      chart.current = new uPlot(chartOptions(last.current, current), dataOf(last.current), current)
    }
    draw()
    const resized = new ResizeObserver(() => {
      chart.current?.setSize({ width: current.clientWidth, height: current.clientHeight })
    })
    resized.observe(current)
    const dark = matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', draw)
    addEventListener('themechange', draw)
    return () => {
      resized.disconnect()
      dark.removeEventListener('change', draw)
      removeEventListener('themechange', draw)
      chart.current?.destroy()
      chart.current = undefined
    }
  }, [])

  useEffect(() => {
    const { current } = chart
    if (current === undefined) return
    const { times } = props
    const end = times.at(-1) ?? 0
    current.batch(() => {
      current.setData(dataOf(props), false)
      current.setScale('x', { min: Math.min(times[0] ?? end, end - spanSMin), max: end })
    })
  }, [props])

  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{props.title}</span>
        <Legend lines={props.lines} show={props.show} />
      </figcaption>
      <div class="chart-box" ref={box} role="img" aria-label={inWords(props)} />
    </figure>
  )
}

function Legend(props: Pick<LineChartProps, 'lines' | 'show'>): JSX.Element {
  return (
    <ul class="legend">
      {props.lines.map((line) => (
        <li key={line.name}>
          <span class={`swatch ${line.colour}`} aria-hidden="true" />
          {line.name} <b>{props.show(latestOf(line))}</b>
        </li>
      ))}
    </ul>
  )
}

function latestOf(line: Line): number | null {
  return line.latest === undefined ? (line.values.at(-1) ?? null) : line.latest
}

function inWords({ title, lines, show, times }: LineChartProps): string {
  if (times.length === 0) return `${title}: nothing yet`
  const figures = lines.map((line) => `${line.name} ${show(latestOf(line))}`)
  return `${title}; the latest: ${figures.join(', ')}`
}

function dataOf({ times, lines }: LineChartProps): uPlot.AlignedData {
  return [[...times], ...lines.map(({ values }) => [...values])] as uPlot.AlignedData
}
