/**
 * Plays seeds until one breaks the rule, on the sources of a given folder: the original, or a copy
 * with a planted fault. Run by `planted-faults.test.ts` as
 * `node run-interleavings.ts SRC SETTING MOST`; prints the last outcome as JSON.
 */

import { pathToFileURL } from 'node:url'
import { interleave, type Outcome, type Rooms, type Setting } from './interleaving.ts'

const [folder = '', setting = '', most = ''] = process.argv.slice(2)
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
