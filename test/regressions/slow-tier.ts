/** A shared tier whose steps and answers are as slow as a test says, and caches on it. */

import type { SharedTier } from '../../src/contracts/shared-tier.ts'
import { createCache } from '../../src/create-cache.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { FakeClock } from '../../src/testing/index.ts'

export type Plan = (
  op: string,
  n: number,
) => { before?: number; after?: number; fail?: boolean; hang?: boolean } | undefined
export const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

export function slowTier(
  tier: SharedTier,
  clock: FakeClock,
  plan: { current: Plan },
): SharedTier & { closed: number; opened: number } {
  const counts = new Map<string, number>()
  const wait = (ms: number) => new Promise<void>((r) => void clock.schedule(ms, r))
  const self = {
    kind: tier.kind,
    closed: 0,
    opened: 0,
    open(context: Parameters<SharedTier['open']>[0]) {
      self.opened += 1
      const session = tier.open(context)
      return new Proxy(session, {
        get(target, property) {
          const member: unknown = Reflect.get(target, property, target)
          if (typeof member !== 'function') return member
          if (property === 'close')
            return async () => {
              self.closed += 1
              await member.call(target)
            }
          if (property === 'place' || property === 'listen' || property === 'leave')
            return member.bind(target)
          return async (...input: unknown[]) => {
            const op = String(property)
            const n = (counts.get(op) ?? 0) + 1
            counts.set(op, n)
            const p = plan.current(op, n) ?? {}
            if (p.fail) throw new Error('down')
            if (p.hang) return await new Promise(() => {})
            if (p.before) await wait(p.before)
            const answer = await member.apply(target, input)
            if (p.after) await wait(p.after)
            return answer
          }
        },
      })
    },
  }
  return self
}

export function setup(options: Record<string, unknown> = {}) {
  const clock = new FakeClock()
  const tier = memoryTier()
  const plan: { current: Plan } = { current: () => undefined }
  const slow = slowTier(tier, clock, plan)
  const open = (own: Record<string, unknown>) =>
    createCache(
      {
        name: 'shop',
        logger: SILENT,
        ...own,
        defaults: { jitter: 0, ...(own['defaults'] as object) },
      } as never,
      { clock },
    )
  return {
    clock,
    plan,
    tier,
    slow,
    open,
    here: open({ shared: slow, ...options }),
    there: open({ shared: tier, memory: 'off' }),
    alone: open({ ...options }),
  }
}
