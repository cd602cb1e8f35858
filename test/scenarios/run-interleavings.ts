/**
 * Plays seeds until one breaks the rule, on the sources with a planted fault. Run by
 * `planted-faults.test.ts` as `node run-interleavings.ts SETTING MOST CHANGES`, with changes of the sources as
 * JSON; prints the last outcome as JSON.
 */

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { plant } from '../simulation/plant.ts'
import type { SourceChange } from '../simulation/planted-fault.ts'
import { interleave, type Outcome, type Rooms, type Setting } from './interleaving.ts'

const folder = join(import.meta.dirname, '..', '..', 'src')
const [setting = '', most = '', changes = ''] = process.argv.slice(2)
plant(folder, JSON.parse(changes) as readonly SourceChange[])
const load = async (door: string): Promise<unknown> =>
  await import(pathToFileURL(`${folder}/${door}`).href)
const rooms = {
  library: await load('index.ts'),
  memory: await load('memory/index.ts'),
  testing: await load('testing/index.ts'),
} as Rooms

let outcome: Outcome | undefined
for (let seed = 1; seed <= Number(most) && outcome?.violation === undefined; seed += 1) {
  outcome = await interleave(rooms, seed, setting as Setting)
}
console.log(JSON.stringify(outcome))
