/** A trace that tells no times as traffic of some days: each request takes as long as any other. */

import { PARTS_AN_HOUR, type TrafficHour } from './traffic.ts'

export function positionTraffic(keys: readonly string[], hours: number): TrafficHour[] {
  const numbers = new Map<string, number>()
  const reads = Uint32Array.from(keys, (key) => {
    const known = numbers.get(key)
    if (known !== undefined) return known
    numbers.set(key, numbers.size)
    return numbers.size - 1
  })
  const parts = hours * PARTS_AN_HOUR
  const start = (part: number): number => Math.floor((part * reads.length) / parts)
  return Array.from({ length: hours }, (_, hour) => ({
    hour,
    parts: Array.from({ length: PARTS_AN_HOUR }, (_, part) => {
      const at = hour * PARTS_AN_HOUR + part
      return reads.subarray(start(at), start(at + 1))
    }),
  }))
}
