import type { Fault } from './call-outcome.ts'

/** The fault with the file that it is about: a process may have several, and its log tells of all. */
export function locatedFault(fault: Fault, path: string): Fault {
  if (fault.message.includes(path)) return fault
  return { ...fault, message: `${path}: ${fault.message}` }
}
