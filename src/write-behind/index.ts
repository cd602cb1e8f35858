/** The room that carries out writes that wait for the source. */

export { createWriteBehind } from './create-write-behind.ts'
export { exportQueue, importQueue } from './move-queue.ts'
