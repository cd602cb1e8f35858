/**
 * A worker process of the simulation: `node run-seeds.ts SRC ROWS FIRST COUNT STOP [PROFILE]`. Plays
 * seeds on the sources of a folder, the original or a copy with a planted fault, and prints what it
 * found as JSON.
 */

import { playSeeds, type SeedsRequest } from './play-seeds.ts'
import { loadRooms } from './rooms.ts'
import type { Profile } from './setting.ts'

const PROFILES: readonly Profile[] = ['mixed', 'slow writes', 'cut off']

const [folder = '', rows = '', first = '', count = '', stop = '', profile] = process.argv.slice(2)
const request: SeedsRequest = {
  first: Number(first),
  count: Number(count),
  profile: PROFILES.find((one) => one === profile),
  stopAt: stop === 'stop' ? 'first violation' : 'end',
}
const rooms = await loadRooms(folder, rows === 'sqlite' ? 'sqlite' : 'maps')
console.log(JSON.stringify(await playSeeds(rooms, request)))
