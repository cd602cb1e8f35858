/** Whether two values are the same in all they hold, whatever the order of their fields. */

/** Dates, maps, sets and bytes by what they hold; functions and other objects by their fields. */
export function sameValue(one: unknown, other: unknown): boolean {
  return same(one, other, new Map())
}

type Met = Map<object, object>

function same(one: unknown, other: unknown, met: Met): boolean {
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object') return false
  if (one === null || other === null) return false
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false
  // A circle is the same if the other one closes where it does.
  const before = met.get(one)
  if (before !== undefined) return before === other
  met.set(one, other)
  const [first, second] = [primitiveOf(one), primitiveOf(other)]
  if (typeof first !== 'object') return Object.is(first, second)
  if (one instanceof Map) return sameEntries(one, other as Map<unknown, unknown>, met)
  if (one instanceof Set) return sameMembers(one, other as Set<unknown>, met)
  return sameFields(one, other, met)
}

/** What a date, or a number in a box, stands for. */
function primitiveOf(value: object): unknown {
  const { valueOf: read } = value as { readonly valueOf?: unknown }
  return typeof read === 'function' ? read.call(value) : value
}

/** Of arrays and bytes, the places are the fields. A field without a value is none. */
function sameFields(one: object, other: object, met: Met): boolean {
  const [first, second] = [one, other] as readonly Readonly<Record<string, unknown>>[]
  if (first === undefined || second === undefined) return false
  if (Array.isArray(one) && one.length !== (other as readonly unknown[]).length) return false
  const fields = new Set([...Object.keys(first), ...Object.keys(second)])
  return [...fields].every((field) => same(first[field], second[field], met))
}

function sameEntries(
  one: ReadonlyMap<unknown, unknown>,
  other: ReadonlyMap<unknown, unknown>,
  met: Met,
): boolean {
  if (one.size !== other.size) return false
  return [...one].every(([key, value]) => other.has(key) && same(value, other.get(key), met))
}

/** Members that are objects, in the order in which they were added. */
function sameMembers(one: ReadonlySet<unknown>, other: ReadonlySet<unknown>, met: Met): boolean {
  if (one.size !== other.size) return false
  const others = [...other]
  return [...one].every((member, at) => other.has(member) || same(member, others[at], met))
}
