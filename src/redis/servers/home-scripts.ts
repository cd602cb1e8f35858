/**
 * How a shard leaves a server and how it comes to live on one (see `docs/concepts/coherence.md`).
 *
 * Both draw a new epoch, so that nobody takes what stood there before for what stands there now. A
 * move is named by the version of the map in which it began. What comes late, from a mover that was
 * taken for dead, names an older one and changes nothing.
 */

import {
  defineStep,
  type ShardArg,
  type ShardKey,
  type StepScript,
} from '../scripts/define-step.ts'
import { readReply } from '../scripts/read-reply.ts'

export interface HomeNames {
  readonly keys: ShardKey
  readonly args: ShardArg | 'version'
  readonly itemKeys: never
  readonly itemArgs: never
}

const read = (answer: unknown): boolean => readReply.number(answer as number) === 1
const step = {
  args: ['version'],
  item: { keys: [], args: [] },
  whenFull: 'runs',
  whenMoved: 'runs',
  order: 'none',
  parts: [],
} as const

/** Each answers whether it was carried out now or before; `false`: a later move came first. */
export const homeScripts: {
  readonly retire: StepScript<HomeNames, boolean>
  readonly activate: StepScript<HomeNames, boolean>
} = {
  retire: defineStep<HomeNames, boolean>({
    ...step,
    name: 'retire',
    body: `
    local at = tonumber(version)
    if (tonumber(moved) or 0) >= at then return 1 end
    if (tonumber(arrived) or 0) >= at then return 0 end
    draw(here)
    redis.call('HSET', control, 'M', version)
    return 1`,
    read,
  }),
  activate: defineStep<HomeNames, boolean>({
    ...step,
    name: 'activate',
    body: `
    local at = tonumber(version)
    if (tonumber(moved) or 0) > at then return 0 end
    if not moved and (tonumber(arrived) or 0) >= at then return 1 end
    draw(here)
    redis.call('HSET', control, 'H', version)
    return 1`,
    read,
  }),
}
