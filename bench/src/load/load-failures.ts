/** What a load must never show, however fast it was. Its exit code is made of it. */

import type { LoadReport, SideReport } from './load-report.ts'

type Bounds = LoadReport['bounds']

export function failuresOfLoad({ on, off, bounds }: LoadReport): readonly string[] {
  return [
    ...failuresOfSide('with the cache', on, bounds),
    ...failuresOfSide('without it', off, bounds),
  ]
}

function failuresOfSide(name: string, side: SideReport, bounds: Bounds): readonly string[] {
  const { judged, atTheEnd } = side
  const { reads, ms } = tooStale(side, bounds)
  return [
    ...(reads > 0 ? [`${reads} reads ${name} were staler than ${ms} ms.`] : []),
    ...(judged.unseen > 0 ? [`${judged.unseen} changes ${name} were not seen in time.`] : []),
    ...(atTheEnd.missing > 0
      ? [`${atTheEnd.missing} changes acknowledged ${name} are missing in the source.`]
      : []),
  ]
}

/** Where the shared tier did not answer, an instance was cut off, which has a bound of its own. */
function tooStale(
  { judged, tierFailures }: SideReport,
  { boundMs, blindMs }: Bounds,
): { readonly reads: number; readonly ms: number } {
  return tierFailures === 0
    ? { reads: judged.beyondBound, ms: boundMs }
    : { reads: judged.beyondBlindness, ms: blindMs }
}
