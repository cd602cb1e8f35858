/**
 * Contracts that fail on purpose: what a wrapped object does is done, not done, done late, or done
 * twice, as a plan says.
 *
 * For tests of programs that use the cache, and of the cache itself. A plan counts calls, so that a
 * test can let call 1 fail, then call 2, and so on until no fault is met any more.
 */

import type { Clock } from '../contracts/clock.ts'
import type { SharedSession, SharedTier } from '../contracts/shared-tier.ts'
import type { CacheKey, Source } from '../contracts/source.ts'

/** What becomes of one call. `lost`: it is carried out, and its answer never comes. */
export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'fail'; readonly error: Error }
  | { readonly kind: 'fail-after'; readonly error: Error }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'twice' }

/** Asked before each call; `call` counts from 1 over all operations. */
export type ChaosPlan = (operation: string, call: number) => Fault

/** A fault at one call, or from one call on. */
export function faultAt(call: number, fault: Fault, lasting: 'once' | 'on' = 'once'): ChaosPlan {
  return (_operation, number) =>
    number === call || (lasting === 'on' && number > call) ? fault : { kind: 'none' }
}

/** A shared tier whose steps meet the plan's faults; opening and closing do not. */
export function chaosTier(tier: SharedTier, plan: ChaosPlan, clock: Clock): SharedTier {
  return {
    kind: tier.kind,
    open(context) {
      const session = tier.open(context)
      const steps = ['close', 'ready', 'waitPollMs']
      return wrap<SharedSession>(session, plan, { clock, spared: steps })
    },
  }
}

/** A source whose loads meet the plan's faults. */
export function chaosSource<K extends CacheKey, V>(
  source: Source<K, V>,
  plan: ChaosPlan,
  clock: Clock,
): Source<K, V> {
  return wrap(source, plan, { clock, spared: [] })
}

function wrap<T extends object>(
  contract: T,
  plan: ChaosPlan,
  options: { readonly clock: Clock; readonly spared: readonly string[] },
): T {
  let calls = 0
  return new Proxy(contract, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target)
      const name = String(property)
      if (typeof member !== 'function' || options.spared.includes(name)) {
        return typeof member === 'function' ? member.bind(target) : member
      }
      return async (...input: unknown[]) => {
        calls += 1
        const carryOut = async (): Promise<unknown> => await member.apply(target, input)
        return await meet(plan(name, calls), carryOut, options.clock)
      }
    },
  })
}

async function meet(
  fault: Fault,
  carryOut: () => Promise<unknown>,
  clock: Clock,
): Promise<unknown> {
  switch (fault.kind) {
    case 'none':
      return await carryOut()
    case 'fail':
      throw fault.error
    case 'fail-after':
      await carryOut()
      throw fault.error
    case 'delay':
      await new Promise<void>((resolve) => void clock.schedule(fault.ms, resolve))
      return await carryOut()
    case 'hang':
      return await new Promise(() => {})
    case 'lost':
      await carryOut()
      return await new Promise(() => {})
    case 'twice':
      await carryOut()
      return await carryOut()
    default:
      return fault satisfies never
  }
}
