/** The measuring process: started by `run-group.ts` with a group and its settings, answers once. */

import { type GroupName, measureGroups } from './measure-groups.ts'
import type { MeasureSettings } from './measure-settings.ts'

const [, , group, settings] = process.argv
if (process.send === undefined || group === undefined || settings === undefined) {
  throw new Error('This process is started by the bench command alone.')
}
const measurements = await measureGroups[group as GroupName](
  JSON.parse(settings) as MeasureSettings,
)
// Peers may leave timers behind; the answer is all that is waited for.
process.send(measurements, () => process.exit())
