/**
 * Contracts that fail on purpose: what a wrapped object does is done, not done, done late, or done
 * twice, as a plan says.
 *
 * For tests of programs that use the cache, and of the cache itself. A plan counts calls, so that a
 * test can let call 1 fail, then call 2, and so on until no fault is met any more.
 */

import type { Clock } from '../contracts/clock.ts'
import type { SharedSession, SharedSignal, SharedTier } from '../contracts/shared-tier.ts'
import type { CacheKey, Source } from '../contracts/source.ts'

/**
 * What becomes of one call. `delay`: it is carried out later; `delay-answer`: its answer comes later;
 * `lost`: it is carried out, and its answer never comes.
 */
export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'fail'; readonly error: Error }
  | { readonly kind: 'fail-after'; readonly error: Error }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'delay-answer'; readonly ms: number }
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

/**
 * A shared tier whose steps meet the plan's faults, and its signals too, as the operation `signal`;
 * opening and closing do not.
 */
export function chaosTier(tier: SharedTier, plan: ChaosPlan, clock: Clock): SharedTier {
  return {
    kind: tier.kind,
    open(context) {
      const session = tier.open(context)
      const counted = counting(plan)
      const spared = ['close', 'leave', 'place']
      const steps = wrap<SharedSession>(session, counted, { clock, spared })
      return new Proxy(steps, {
        get(target, property) {
          if (property === 'locks' || property === 'pending' || property === 'idle') {
            return wrap<object>(session[property], counted, { clock, spared })
          }
          if (property !== 'listen') return Reflect.get(target, property, target)
          return (listener: (signal: SharedSignal) => void) =>
            session.listen((signal) => {
              const hear = async (): Promise<void> => listener(signal)
              // A signal that fails is one that was never heard.
              meet(counted('signal'), hear, clock).catch(() => {})
            })
        },
      })
    },
  }
}

/** A source whose loads meet the plan's faults. */
export function chaosSource<K extends CacheKey, V>(
  source: Source<K, V>,
  plan: ChaosPlan,
  clock: Clock,
): Source<K, V> {
  return wrap(source, counting(plan), { clock, spared: [] })
}

/** The plan, with the calls counted over all that share it. */
function counting(plan: ChaosPlan): (operation: string) => Fault {
  let calls = 0
  return (operation) => {
    calls += 1
    return plan(operation, calls)
  }
}

function wrap<T extends object>(
  contract: T,
  plan: (operation: string) => Fault,
  options: { readonly clock: Clock; readonly spared: readonly string[] },
): T {
  return new Proxy(contract, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target)
      const name = String(property)
      if (typeof member !== 'function' || options.spared.includes(name)) {
        return typeof member === 'function' ? member.bind(target) : member
      }
      return async (...input: unknown[]) => {
        const carryOut = async (): Promise<unknown> => await member.apply(target, input)
        return await meet(plan(name), carryOut, options.clock)
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
    case 'delay-answer': {
      const answer = await carryOut()
      await new Promise<void>((resolve) => void clock.schedule(fault.ms, resolve))
      return answer
    }
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
