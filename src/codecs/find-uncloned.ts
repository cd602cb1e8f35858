/** Looks for what structured clone would empty without a word. Called by `structured-clone-codec.ts`. */

/** From the value down, in the notation of JSONPath, and what stands there. */
export interface Uncloned {
  readonly path: string
  readonly what: string
}

/** What `Object.prototype.toString` calls objects that come back as they were, beside views of memory. */
const KEPT = [
  'Object',
  'Array',
  'Date',
  'RegExp',
  'Map',
  'Set',
  'Error',
  'Boolean',
  'Number',
  'String',
  'BigInt',
  'ArrayBuffer',
]

/**
 * The first part of `value` that has what cannot be seen from outside, such as a `URL`: it would come back as an
 * object without anything. Instances of classes are kept by their own properties, as they always are.
 */
export function findUncloned(value: unknown): Uncloned | undefined {
  return inPart(value, new Set(), '')
}

function inObject(value: object, seen: Set<object>): Uncloned | undefined {
  // It may contain itself.
  if (seen.has(value)) return undefined
  seen.add(value)
  if (Array.isArray(value)) return inItems(value, seen, (at) => `[${at}]`)
  if (!isPlain(value)) {
    if (ArrayBuffer.isView(value)) return undefined
    const tag = Object.prototype.toString.call(value).slice('[object '.length, -1)
    if (!KEPT.includes(tag)) return { path: '$', what: `of type ${tag}` }
    if (value instanceof Map) {
      return (
        inItems([...value.keys()], seen, (at) => `.keys[${at}]`) ??
        inItems([...value.values()], seen, (at) => `.values[${at}]`)
      )
    }
    if (value instanceof Set) return inItems([...value], seen, (at) => `.values[${at}]`)
    // Of all others nothing is written that they were given beside what they are.
    if (tag !== 'Object') return undefined
  }
  const record = value as Readonly<Record<string, unknown>>
  for (const name of Object.keys(record)) {
    const found = inPart(record[name], seen, `.${name}`)
    if (found !== undefined) return found
  }
  return undefined
}

function inItems(
  items: readonly unknown[],
  seen: Set<object>,
  step: (at: number) => string,
): Uncloned | undefined {
  for (const [at, item] of items.entries()) {
    const found = inPart(item, seen, step(at))
    if (found !== undefined) return found
  }
  return undefined
}

function inPart(part: unknown, seen: Set<object>, step: string): Uncloned | undefined {
  if (typeof part === 'function' || typeof part === 'symbol') {
    return { path: `$${step}`, what: `a ${typeof part}` }
  }
  const found = typeof part === 'object' && part !== null ? inObject(part, seen) : undefined
  return found && { path: `$${step}${found.path.slice(1)}`, what: found.what }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
