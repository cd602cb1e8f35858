/**
 * A worker process of the simulation: `node run-seeds.ts WORK`, with a `Work` as JSON. Plays seeds on the
 * sources, as they are or with a planted fault, and prints what it found as JSON.
 */

import { plant } from './plant.ts'
import { playSeeds } from './play-seeds.ts'
import { loadRooms } from './rooms.ts'
import type { Work } from './worker-pool.ts'

const { folder, rows, changes = [], ...request } = JSON.parse(process.argv[2] ?? '') as Work
// Thousands of errors a second are part of the play, and nobody reads where they were made.
Error.stackTraceLimit = 0
plant(folder, changes)
console.log(JSON.stringify(await playSeeds(await loadRooms(folder, rows), request)))
