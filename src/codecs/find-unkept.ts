/** Looks for what JSON would change without a word. Called by `json-codec.ts`. */

/** Where in a value something stands that JSON does not keep, and what it is. */
export interface Unkept {
  /** From the value down, in the notation of JSONPath: `$.lines[2].price`. */
  readonly path: string
  /** Ends the sentence "`$.a` is ...". */
  readonly what: string
}

/**
 * The first part of `value` that would come back as something else, or `undefined`.
 *
 * Kept in the sense of this function: properties that are `undefined` (they read the same once they
 * are gone), instances of classes by their own properties, and whatever a `toJSON` says of itself.
 *
 * Without `ancestors` the value must have no cycles, which saves keeping book.
 */
export function findUnkept(value: unknown, ancestors?: Set<object>): Unkept | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : here(`${value}, which JSON writes as null`)
    case 'bigint':
      return 'toJSON' in BigInt.prototype ? undefined : here('a bigint')
    case 'object':
      return value === null ? undefined : inObject(value, ancestors)
    default:
      return here(`a ${typeof value}`)
  }
}

function inObject(value: object, ancestors: Set<object> | undefined): Unkept | undefined {
  if (ancestors === undefined) return inParts(value, ancestors)
  if (ancestors.has(value)) return here('an object that contains itself')
  ancestors.add(value)
  const found = inParts(value, ancestors)
  ancestors.delete(value)
  return found
}

function inParts(value: object, ancestors: Set<object> | undefined): Unkept | undefined {
  if (Array.isArray(value)) return inItems(value, ancestors)
  const plain = isPlain(value)
  if (!plain) {
    // Buffers have a `toJSON`, but what it writes is not read back as bytes.
    if (ArrayBuffer.isView(value)) return here(`of type ${tagOf(value)}`)
    if ('toJSON' in value && typeof value.toJSON === 'function') {
      return ancestors === undefined ? undefined : findUnkept(value.toJSON(''), ancestors)
    }
    const tag = tagOf(value)
    if (tag !== 'Object') return here(`of type ${tag}`)
  }
  const record = value as Record<string, unknown>
  for (const name in record) {
    // What a prototype has is not written; what `Object.prototype` was given by others, neither.
    if (!(plain || Object.hasOwn(record, name))) continue
    const found = findUnkept(record[name], ancestors)
    if (found !== undefined && Object.hasOwn(record, name)) return below(`.${name}`, found)
  }
  return undefined
}

function inItems(
  items: readonly unknown[],
  ancestors: Set<object> | undefined,
): Unkept | undefined {
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    const found =
      item === undefined
        ? here('undefined, which JSON writes as null')
        : findUnkept(item, ancestors)
    if (found !== undefined) return below(`[${i}]`, found)
  }
  return undefined
}

/** True for most objects, without asking further. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && !('toJSON' in value)
}

/** `Map` of a `Map`, `Object` of plain objects and of instances of most classes. */
function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}

function here(what: string): Unkept {
  return { path: '$', what }
}

/** Paths are put together from the inside, so that looking costs nothing until something is found. */
function below(step: string, found: Unkept): Unkept {
  return { path: `$${step}${found.path.slice(1)}`, what: found.what }
}
