/** Lines and bars as parts of an SVG. Called by `load-chart.ts`. */

export interface Series {
  readonly name: string
  readonly colour: string
  readonly values: readonly number[]
}

export interface Bar {
  readonly name: string
  readonly colour: string
  readonly value: number
}

interface Panel {
  readonly title: string
  readonly width: number
  readonly height: number
}

const AXIS = '#d6d3d1'
const INK = '#44403c'
/** For the figures beside the axis. */
const MARGIN = 44
/** From one name to the next. */
const LEGEND = 175

/** From 0 to `most`, or to what the highest value asks for; a value each second. */
export function linePanel(
  panel: Panel & {
    readonly series: readonly Series[]
    readonly most?: number
    readonly unit?: string
  },
): string {
  const { title, width, height, series, unit = '' } = panel
  const most = panel.most ?? roundedUp(Math.max(1, ...series.flatMap(({ values }) => values)))
  const length = Math.max(2, ...series.map(({ values }) => values.length))
  const x = (index: number): number => MARGIN + (index / (length - 1)) * (width - MARGIN)
  const y = (value: number): number => height - (value / most) * height
  const lines = [0, 0.5, 1].map((part) => {
    const place = y(part * most)
    return `<line x1="${MARGIN}" x2="${width}" y1="${fixed(place)}" y2="${fixed(place)}" stroke="${AXIS}"/><text x="${MARGIN - 6}" y="${fixed(place + 4)}" text-anchor="end" fill="${INK}">${figure(part * most)}${unit}</text>`
  })
  const paths = series.map(({ colour, values }) => {
    const points = values.map((value, index) => `${fixed(x(index))},${fixed(y(value))}`).join(' ')
    return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>`
  })
  const legend = series.map(
    ({ name, colour }, index) =>
      `<rect x="${MARGIN + index * LEGEND}" y="${height + 10}" width="10" height="10" fill="${colour}"/><text x="${MARGIN + 16 + index * LEGEND}" y="${height + 19}" fill="${INK}">${name}</text>`,
  )
  return [heading(title), ...lines, ...paths, ...legend].join('\n')
}

/** One below the other, the longest over the whole width. */
export function barPanel(panel: Panel & { readonly bars: readonly Bar[] }): string {
  const { title, width, bars } = panel
  const most = Math.max(...bars.map(({ value }) => value))
  const name = 100
  const room = width - name - 70
  const rows = bars.map(({ name: label, colour, value }, index) => {
    const length = most === 0 ? 0 : (value / most) * room
    const top = 6 + index * 26
    return [
      `<text x="0" y="${top + 13}" fill="${INK}">${label}</text>`,
      `<rect x="${name}" y="${top}" width="${fixed(Math.max(1, length))}" height="18" fill="${colour}"/>`,
      `<text x="${fixed(name + length + 6)}" y="${top + 13}" fill="${INK}">${figure(value)}</text>`,
    ].join('')
  })
  return [heading(title), ...rows].join('\n')
}

function heading(title: string): string {
  return `<text x="0" y="-8" font-weight="600" fill="${INK}">${title}</text>`
}

/** 1, 2 or 5 times a power of ten. */
function roundedUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power
}

function figure(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 })
}

function fixed(value: number): string {
  return value.toFixed(1)
}
