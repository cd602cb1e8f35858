/**
 * Lists of alike objects as columns, for the way between threads.
 *
 * A message is copied object by object, and every object with the names of its fields: a hundred writes cost
 * more time in being posted and read than in being decided. As columns, names and what all have in common
 * travel once, and bytes in one buffer. Used by `WorkerTransport` and `sqlite-worker.ts`; what comes out
 * equals what went in.
 */

export type Column =
  | { readonly as: 'same'; readonly value: unknown; readonly count: number }
  | { readonly as: 'values'; readonly values: readonly unknown[] }
  /** Texts of which there are few: each is sent once, and named by its place. */
  | { readonly as: 'texts'; readonly texts: readonly string[]; readonly places: readonly number[] }
  | { readonly as: 'bytes'; readonly bytes: Uint8Array; readonly ends: readonly number[] }
  | { readonly as: 'lists'; readonly items: Column; readonly ends: readonly number[] }
  | {
      readonly as: 'objects'
      readonly names: readonly string[]
      readonly columns: readonly Column[]
      readonly count: number
    }

export type PackedList =
  | { readonly packed: false; readonly list: readonly unknown[] }
  | { readonly packed: true; readonly column: Column }

/** Items from which on columns are worth their making. */
const MANY = 8
/** A call, what it asks for, and the parts of that. */
const DEPTH = 4
/** Texts are sent once where each is used so often. */
const USES = 4

type Fields = Readonly<Record<string, unknown>>

export function packList(list: readonly unknown[]): PackedList {
  if (!holdsMany(list, DEPTH)) return { packed: false, list }
  return { packed: true, column: columnOf(list) }
}

/**
 * `shared`: bytes are views on one buffer, for those who use them up at once. `own`: each has a buffer of its
 * own, so that who keeps one does not keep them all.
 */
export function unpackList(packed: PackedList, bytes: 'shared' | 'own'): readonly unknown[] {
  return packed.packed ? valuesOf(packed.column, bytes) : packed.list
}

function holdsMany(value: unknown, depth: number): boolean {
  if (Array.isArray(value)) {
    const [first] = value
    if (typeof first !== 'object') return false
    return value.length >= MANY || (depth > 0 && value.some((one) => holdsMany(one, depth - 1)))
  }
  if (depth === 0 || !isFields(value)) return false
  for (const name in value) if (holdsMany(value[name], depth - 1)) return true
  return false
}

function columnOf(list: readonly unknown[]): Column {
  const [first] = list
  if (typeof first !== 'object' || first === null) return columnOfPlain(list)
  if (list.every((one) => one === first)) return { as: 'same', value: first, count: list.length }
  if (Array.isArray(first)) return columnOfLists(list)
  if (first instanceof Uint8Array) return columnOfBytes(list)
  return columnOfObjects(list)
}

function columnOfPlain(values: readonly unknown[]): Column {
  const [value] = values
  const count = values.length
  if (values.every((one) => Object.is(one, value))) return { as: 'same', value, count }
  if (typeof value !== 'string') return { as: 'values', values }
  const known = new Map<unknown, number>()
  const places: number[] = []
  for (const one of values) {
    const place = known.get(one) ?? known.size
    if (place === known.size) {
      if (typeof one !== 'string' || known.size * USES > count) return { as: 'values', values }
      known.set(one, place)
    }
    places.push(place)
  }
  return { as: 'texts', texts: [...known.keys()] as string[], places }
}

function columnOfBytes(list: readonly unknown[]): Column {
  if (!list.every((one) => one instanceof Uint8Array)) return { as: 'values', values: list }
  const ends: number[] = []
  let end = 0
  for (const { byteLength } of list) {
    end += byteLength
    ends.push(end)
  }
  const bytes = new Uint8Array(end)
  for (const [at, one] of list.entries()) bytes.set(one, at === 0 ? 0 : ends[at - 1])
  return { as: 'bytes', bytes, ends }
}

function columnOfLists(lists: readonly unknown[]): Column {
  if (!lists.every((one) => Array.isArray(one))) return { as: 'values', values: lists }
  const ends: number[] = []
  const items: unknown[] = []
  for (const list of lists) {
    for (const item of list) items.push(item)
    ends.push(items.length)
  }
  return { as: 'lists', items: columnOf(items), ends }
}

function columnOfObjects(list: readonly unknown[]): Column {
  const [first] = list
  if (!isFields(first)) return { as: 'values', values: list }
  const names = Object.keys(first)
  // Assigned, it would be what the object is made from.
  if (names.includes('__proto__')) return { as: 'values', values: list }
  if (!list.every((one) => isFields(one) && hasNames(one, names))) {
    return { as: 'values', values: list }
  }
  const columns = names.map((name) => columnOf(list.map((one) => (one as Fields)[name])))
  return { as: 'objects', names, columns, count: list.length }
}

/** The same names in the same order: as objects that were made at one place have them. */
function hasNames(object: Fields, names: readonly string[]): boolean {
  let at = 0
  for (const name in object) {
    if (name !== names[at]) return false
    at += 1
  }
  return at === names.length
}

function isFields(value: unknown): value is Fields {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}

function valuesOf(column: Column, bytes: 'shared' | 'own'): readonly unknown[] {
  switch (column.as) {
    case 'same':
      return Array.from({ length: column.count }, () => column.value)
    case 'values':
      return column.values
    case 'texts':
      return column.places.map((place) => column.texts[place])
    case 'bytes':
      return parts(column.ends, (from, to) =>
        bytes === 'own' ? column.bytes.slice(from, to) : column.bytes.subarray(from, to),
      )
    case 'lists': {
      const items = valuesOf(column.items, bytes)
      return parts(column.ends, (from, to) => items.slice(from, to))
    }
    case 'objects':
      return objectsOf(column, bytes)
    default:
      return column satisfies never
  }
}

function parts<T>(ends: readonly number[], part: (from: number, to: number) => T): readonly T[] {
  return ends.map((end, at) => part(at === 0 ? 0 : (ends[at - 1] ?? 0), end))
}

function objectsOf(
  { names, columns, count }: Extract<Column, { as: 'objects' }>,
  bytes: 'shared' | 'own',
): unknown[] {
  const objects: Record<string, unknown>[] = Array.from({ length: count }, () => ({}))
  for (const [place, column] of columns.entries()) {
    const name = names[place] ?? ''
    const values = valuesOf(column, bytes)
    for (let at = 0; at < count; at += 1)
      (objects[at] as Record<string, unknown>)[name] = values[at]
  }
  return objects
}
