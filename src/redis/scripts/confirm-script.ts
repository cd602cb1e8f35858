/**
 * Writes something that means nothing, so that the connection waits for all that the server has written
 * so far (`WAIT`); its answer tells whether that still is the history that a step was carried out in.
 */

import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'

export interface ConfirmNames {
  readonly keys: ShardKey
  readonly args: ShardArg
  readonly itemKeys: never
  readonly itemArgs: never
}

export const confirmScript: StepScript<ConfirmNames, undefined> = defineStep<
  ConfirmNames,
  undefined
>({
  name: 'confirm',
  item: { keys: [], args: [] },
  whenFull: 'runs',
  order: 'none',
  parts: [],
  body: "return redis.call('HSET', control, 'C', digits(now))",
  read: () => undefined,
})
