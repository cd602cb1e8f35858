/** Figures as people read them: short, with their unit, and a dash where nothing is known. */

const plain = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 })

/** Stands where a figure is not known; a zero would claim that it is. */
export const unknownFigure = '–'

/** `1,234`, `12.3 k`, `4.56 M`. */
export function asCount(value: number | null | undefined): string {
  if (value === null || value === undefined) return unknownFigure
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} G`
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`
  if (value >= 1e5) return `${(value / 1e3).toFixed(0)} k`
  return plain.format(value)
}

/** Every digit, for a title or a table that is compared with another place. */
export function asExact(value: number): string {
  return plain.format(value)
}

export function asRate(value: number | null): string {
  if (value === null) return unknownFigure
  return value >= 100 ? asCount(value) : whole.format(value)
}

/** A share of 1. Never rounds up to 100 %: that would hide the misses. */
export function asPercent(share: number | null | undefined): string {
  if (share === null || share === undefined) return unknownFigure
  const tenths = share < 1 ? Math.min(999, Math.round(share * 1_000)) : 1_000
  return `${(tenths / 10).toFixed(1)} %`
}

export function asMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return unknownFigure
  if (ms === 0) return '0 ms'
  if (ms < 1) return `${Math.max(1, Math.round(ms * 1_000))} µs`
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1_000) return `${Math.round(ms)} ms`
  return asSpan(ms)
}

/** A length of time, in its two largest units at most. */
export function asSpan(ms: number): string {
  const seconds = ms / 1_000
  if (seconds < 1) return `${Math.round(ms)} ms`
  if (seconds < 10 && !Number.isInteger(seconds)) return `${seconds.toFixed(1)} s`
  if (seconds < 100) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return twoUnits(hours, 'h', minutes % 60, 'min')
  return twoUnits(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

function twoUnits(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`
}

export function asBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return unknownFigure
  if (bytes < 1_024) return `${bytes} B`
  const kib = bytes / 1_024
  if (kib < 1_024) return `${kib.toFixed(kib < 10 ? 1 : 0)} KiB`
  const mib = kib / 1_024
  if (mib < 1_024) return `${mib.toFixed(mib < 10 ? 1 : 0)} MiB`
  return `${(mib / 1_024).toFixed(2)} GiB`
}

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const calendar = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

/** Local time of day; with the date where it is not within a day of now. */
export function asTime(at: number, now: number = Date.now()): string {
  if (!Number.isFinite(at)) return 'never'
  return Math.abs(now - at) < 86_400_000 ? clock.format(at) : calendar.format(at)
}

/** `12 s ago`, `in 3 min`. */
export function asDistance(at: number, now: number = Date.now()): string {
  if (!Number.isFinite(at)) return 'never'
  const distance = at - now
  if (Math.abs(distance) < 1_000) return 'now'
  return distance < 0 ? `${asSpan(-distance)} ago` : `in ${asSpan(distance)}`
}
