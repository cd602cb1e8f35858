/**
 * A cache or a collection whose reads are spans. Reads make no events, since a hit is to cost nothing;
 * whoever wants to see each asks through this.
 */

import {
  type Attributes,
  context,
  isSpanContextValid,
  type Span,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { ATTRIBUTES, failSpan } from './attributes.ts'

type Method = (...args: unknown[]) => unknown

export interface TracedParts {
  readonly tracer: Tracer
  readonly cache: string
  readonly pattern: string
}

type Describe = (answer: unknown) => Attributes

const found: Describe = (answer) => ({ [ATTRIBUTES.found]: answer !== undefined })
const nothing: Describe = () => ({})

/** Calls that events do not tell of, with what their answers add. */
const CALLS: Readonly<Record<string, Describe>> = {
  get: found,
  peek: found,
  read: readingOf,
  readOrLoad: readingOf,
  getOrLoad: nothing,
  getMany: (answer) => ({ [ATTRIBUTES.count]: (answer as ReadonlyMap<unknown, unknown>).size }),
  has: (answer) => ({ [ATTRIBUTES.found]: answer === true }),
  flush: nothing,
}

/** The same object, with its calls in spans; each is the parent of the load that it begins. */
export function tracedCalls<T extends object>(target: T, parts: TracedParts): T {
  const made = new Map<PropertyKey, Method>()
  return new Proxy(target, {
    get: (object, name) => {
      const known = made.get(name)
      if (known !== undefined) return known
      // Private members are the object's own: the proxy has none.
      const member: unknown = Reflect.get(object, name, object)
      if (typeof member !== 'function') return member
      const method = methodOf(object, name, member as Method, parts)
      made.set(name, method)
      return method
    },
  })
}

function methodOf(object: object, name: PropertyKey, member: Method, parts: TracedParts): Method {
  const bound = member.bind(object) as Method
  if (name === 'collection') {
    return (...args) => {
      const collection = bound(...args) as { readonly name: string }
      return tracedCalls(collection, { ...parts, pattern: `${collection.name}:*` })
    }
  }
  const describe = Object.hasOwn(CALLS, name) ? CALLS[name as string] : undefined
  if (describe === undefined) return bound
  const operation = String(name)
  const attributes: Attributes = {
    [ATTRIBUTES.cache]: parts.cache,
    [ATTRIBUTES.pattern]: parts.pattern,
    [ATTRIBUTES.operation]: operation,
  }
  const title = `${operation} ${parts.pattern}`
  return (...args) => {
    const span = parts.tracer.startSpan(title, { attributes })
    // No provider is registered: nobody would ever see it.
    if (!isSpanContextValid(span.spanContext())) return bound(...args)
    return inSpan(span, () => bound(...args) as Promise<unknown>, describe)
  }
}

function inSpan(span: Span, call: () => Promise<unknown>, describe: Describe): Promise<unknown> {
  const failed = (error: unknown): never => {
    failSpan(span, error)
    span.end()
    throw error
  }
  let answer: Promise<unknown>
  try {
    answer = context.with(trace.setSpan(context.active(), span), call)
  } catch (error) {
    return failed(error)
  }
  return answer.then((value) => {
    span.setAttributes(describe(value))
    span.end()
    return value
  }, failed)
}

function readingOf(answer: unknown): Attributes {
  const reading = answer as {
    readonly found: boolean
    readonly tier: string
    readonly stale?: boolean
  }
  return {
    [ATTRIBUTES.found]: reading.found,
    [ATTRIBUTES.tier]: reading.tier,
    ...(reading.stale === undefined ? {} : { [ATTRIBUTES.stale]: reading.stale }),
  }
}
