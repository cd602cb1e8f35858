/** Runs one group in child processes and puts their samples together. Called by the bench command. */

import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Measurement } from '../measure/contestant.ts'
import type { GroupPlan } from './plan-suite.ts'

const childPath = fileURLToPath(new URL('./measure-child.ts', import.meta.url))

/** One after the other, never side by side: they would take the machine from each other. */
export async function runGroup(plan: GroupPlan): Promise<readonly Measurement[]> {
  let together: readonly Measurement[] = []
  for (let run = 0; run < plan.processes; run += 1) {
    together = joined(together, await measuredByChild(plan))
  }
  return together
}

function measuredByChild({ group, flags, settings }: GroupPlan): Promise<readonly Measurement[]> {
  return new Promise((resolve, reject) => {
    const child = fork(childPath, [group, JSON.stringify(settings)], {
      execArgv: ['--expose-gc', ...flags],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    let answer: readonly Measurement[] | undefined
    child.once('message', (message) => {
      answer = message as readonly Measurement[]
    })
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (answer !== undefined && code === 0) resolve(answer)
      else reject(new Error(`Measuring ${group} ended with ${signal ?? `code ${code}`}.`))
    })
  })
}

/** The samples of both, case by case; both come from the same group, so the cases are the same. */
function joined(
  before: readonly Measurement[],
  now: readonly Measurement[],
): readonly Measurement[] {
  if (before.length === 0) return now
  return before.map((measurement, at) => ({
    ...measurement,
    series: measurement.series.map((series, place) => ({
      ...series,
      samples: [...series.samples, ...(now[at]?.series[place]?.samples ?? [])],
    })),
  }))
}
