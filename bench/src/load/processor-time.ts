/** Processor time as the kernel counts it, from outside of the processes. Linux alone tells it here. */

import { readdirSync, readFileSync } from 'node:fs'

/** Of a process and all that it has started. `undefined` where nobody tells. */
export function processorMs(pid: number): number | undefined {
  const processes = readProcesses()
  if (!processes.has(pid)) return undefined
  const children = Map.groupBy(processes.values(), ({ parent }) => parent)
  let ticks = 0
  const left = [pid]
  for (const each of left) {
    const found = processes.get(each)
    ticks += (found?.ticks ?? 0) + (each === pid ? (found?.ofEnded ?? 0) : 0)
    left.push(...(children.get(each) ?? []).map((child) => child.pid))
  }
  return (ticks * 1_000) / TICKS_IN_A_SECOND
}

/** The process that has started another one. */
export function parentOf(pid: number): number | undefined {
  return readTimes(pid)?.parent
}

/** Of the ABI, see proc(5) and getconf CLK_TCK. */
const TICKS_IN_A_SECOND = 100

interface ProcessTimes {
  readonly pid: number
  readonly parent: number
  readonly ticks: number
  /** Of children that have ended. */
  readonly ofEnded: number
}

function readProcesses(): ReadonlyMap<number, ProcessTimes> {
  const all = new Map<number, ProcessTimes>()
  for (const name of names()) {
    const pid = Number(name)
    const times = Number.isInteger(pid) ? readTimes(pid) : undefined
    if (times !== undefined) all.set(pid, times)
  }
  return all
}

function names(): readonly string[] {
  try {
    return readdirSync('/proc')
  } catch {
    return []
  }
}

/** Fields by proc(5); the name of the program, which may hold anything, ends with the last `)`. */
function readTimes(pid: number): ProcessTimes | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const field = (number: number): number => Number(fields[number - 3])
    return {
      pid,
      parent: field(4),
      ticks: field(14) + field(15),
      ofEnded: field(16) + field(17),
    }
  } catch {
    return undefined
  }
}
