/** Numbers as people read them. `null` and `undefined` are not known: a dash. */

type Known = number | null | undefined

const DASH = '-'

/** `17`, `1,234`, `12.3k`, `4.56M`. */
export function count(value: Known): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH
  if (Math.abs(value) < 10_000) return Math.round(value).toLocaleString('en-US')
  if (Math.abs(value) < 1_000_000) return `${(value / 1_000).toFixed(1)}k`
  return `${(value / 1_000_000).toFixed(2)}M`
}

/** A share of 1, in percent. */
export function percent(share: Known): string {
  return share === null || share === undefined ? DASH : `${(share * 100).toFixed(1)} %`
}

/** `0.42 ms`, `12 ms`, `3.4 s`, `5 m 10 s`, `2 h 5 m`, `3 d 4 h`. */
export function duration(ms: Known): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return DASH
  if (ms > 0 && ms < 0.005) return '<0.01 ms'
  if (ms < 10) return `${Number(ms.toFixed(2))} ms`
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 3_600) return pair(seconds, [60, 'm'], [1, 's'])
  if (seconds < 86_400) return pair(seconds, [3_600, 'h'], [60, 'm'])
  return pair(seconds, [86_400, 'd'], [3_600, 'h'])
}

type Unit = readonly [seconds: number, name: string]

function pair(seconds: number, [large, name]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((seconds % large) / small)
  const first = `${Math.floor(seconds / large)} ${name}`
  return rest === 0 ? first : `${first} ${rest} ${smallName}`
}

/** `1 write`, `2,000 writes`. */
export function counted(value: number, one: string, many: string = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

/** `512 B`, `1.5 kB`, `64.0 MB`; of 1,024. */
export function bytes(value: Known): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH
  if (value < 1_024) return `${Math.round(value)} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let [size, unit] = [value / 1_024, 0]
  while (size >= 1_024 && unit < units.length - 1) {
    size /= 1_024
    unit += 1
  }
  return `${size.toFixed(1)} ${units[unit]}`
}

/** An instant, as `2026-01-31 12:00:00 UTC`. */
export function instant(at: Known): string {
  if (at === null || at === undefined || !Number.isFinite(at)) return DASH
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
