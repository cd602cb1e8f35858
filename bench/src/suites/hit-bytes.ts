/** `hit`: bytes that an awaited hit in this process allocates. */

import { allocatedBytes } from '../measure/allocated-bytes.ts'
import type { Measurement } from '../measure/contestant.ts'
import { hitCases } from './hit-cases.ts'
import type { MeasureSettings } from './measure-settings.ts'

export async function hitBytes({ keys, rounds }: MeasureSettings): Promise<Measurement[]> {
  await using subjects = await hitCases(keys)
  const measurements: Measurement[] = []
  for (const { suffix, contestants } of subjects.cases) {
    const series = await allocatedBytes(contestants, rounds)
    measurements.push({
      suite: 'hit',
      case: `bytes per hit${suffix}`,
      unit: 'B',
      better: 'lower',
      series,
    })
  }
  return measurements
}
