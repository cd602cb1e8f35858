/**
 * A worker process of the simulation: `node run-seeds.ts SRC ROWS FIRST COUNT STOP [PROFILE [FAULT]]`. Plays
 * seeds on the sources of a folder, the original or a copy with a planted fault, and prints what it
 * found as JSON.
 */

import { playSeeds, type SeedsRequest } from './play-seeds.ts'
import { loadRooms } from './rooms.ts'
import type { Profile, StoreFault } from './setting.ts'

const PROFILES: readonly Profile[] = ['mixed', 'slow writes', 'cut off', 'behind']

const STORE_FAULTS: readonly StoreFault[] = ['no guard', 'no tombstones']

const [folder = '', rows = '', first = '', count = '', stop = '', profile, storeFault] =
  process.argv.slice(2)
const request: SeedsRequest = {
  first: Number(first),
  count: Number(count),
  profile: PROFILES.find((one) => one === profile),
  storeFault: STORE_FAULTS.find((one) => one === storeFault),
  stopAt: stop === 'stop' ? 'first violation' : 'end',
}
const rooms = await loadRooms(folder, rows === 'sqlite' ? 'sqlite' : 'maps')
console.log(JSON.stringify(await playSeeds(rooms, request)))
