/** Door of the desk: what people look at and change in a shared tier, without a cache of their own. */

export { Desk } from './desk.ts'
export type { DeskParts } from './desk-parts.ts'
export type { EntryReport } from './entry-report.ts'
export type { InstanceLine } from './instance-lines.ts'
export type { DeadLetterLine, QueueLine } from './queue-lines.ts'
export type { RemovalOrder } from './removal-order.ts'
