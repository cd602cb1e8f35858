/** `hit`: nanoseconds of an awaited hit in this process. */

import type { Measurement } from '../measure/contestant.ts'
import { interleave } from '../measure/interleave.ts'
import { hitCases } from './hit-cases.ts'
import type { MeasureSettings } from './measure-settings.ts'

const operations = { min: 2000, max: 2_000_000 }

export async function hitTime({ keys, rounds, passMs }: MeasureSettings): Promise<Measurement[]> {
  await using subjects = await hitCases(keys)
  const measurements: Measurement[] = []
  for (const { suffix, contestants } of subjects.cases) {
    const series = await interleave(contestants, { rounds, passMs, operations })
    measurements.push({
      suite: 'hit',
      case: `getOrLoad hit${suffix}`,
      unit: 'ns',
      better: 'lower',
      series,
    })
  }
  return measurements
}
