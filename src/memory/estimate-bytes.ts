/**
 * About how many bytes a key or a value takes in V8's heap, for the bound in bytes.
 *
 * An estimate, made to cost little: of a container with many members a few are looked at and
 * counted for all. Each value may have `VALUES_AT_MOST` values below it looked at, which its members
 * share evenly, so that no branch is counted in full while another is not seen.
 */

const VALUES_AT_MOST = 1_000
/** Members of one container that are looked at; of an array or an object evenly spread. */
const MEMBERS_AT_MOST = 64
/** Characters of a long string that are looked at to see whether it needs two bytes each. */
const CHARACTERS_LOOKED_AT = 4_096

const WORD = 8
const STRING_HEADER = 16
const OBJECT_HEADER = 24
const ARRAY_HEADER = 32
/** A number that is no small integer, kept in a box of its own. */
const BOXED_NUMBER = 16
/** A `Map` keeps key, value and chain for each entry, and buckets for half as many. */
const MAP_ENTRY = 28
const SET_ENTRY = 20
const COLLECTION_HEADER = 80
const BUFFER_HEADER = 120
const DATE_BYTES = 96

/** Answers at least 0. No getter is called: own data properties alone count. */
export function estimateBytes(value: unknown): number {
  return typeof value === 'object' && value !== null
    ? new Walk().bytesOf(value, VALUES_AT_MOST)
    : ownBytes(value)
}

class Walk {
  readonly #seen = new Set<object>()

  /** `budget`: values below this one that may be looked at. */
  bytesOf(value: unknown, budget: number): number {
    if (typeof value !== 'object' || value === null) return ownBytes(value)
    if (this.#seen.has(value)) return 0
    this.#seen.add(value)
    const own = ownBytes(value)
    if (Array.isArray(value)) return own + this.#sample(value.length, (at) => value[at], budget)
    if (value instanceof Map) {
      return own + this.#sum(first(value).flat(), { count: value.size * 2, budget })
    }
    if (value instanceof Set) return own + this.#sum(first(value), { count: value.size, budget })
    if (ArrayBuffer.isView(value)) return own
    const names = Object.keys(value)
    const slots = OBJECT_HEADER + WORD * names.length
    return own + slots + this.#sample(names.length, (at) => dataOf(value, names[at] ?? ''), budget)
  }

  #sample(count: number, member: (at: number) => unknown, budget: number): number {
    const looked = Math.min(count, MEMBERS_AT_MOST, Math.floor(budget))
    const members: unknown[] = []
    for (let i = 0; i < looked; i += 1) members.push(member(Math.floor((i * count) / looked)))
    return this.#sum(members, { count, budget })
  }

  /** What `count` members take, of whom some are looked at. */
  #sum(members: readonly unknown[], { count, budget }: { count: number; budget: number }): number {
    const looked = Math.min(members.length, Math.floor(budget))
    if (looked === 0) return 0
    const share = (budget - looked) / looked
    let bytes = 0
    for (let i = 0; i < looked; i += 1) bytes += this.bytesOf(members[i], share)
    return Math.round((bytes * count) / looked)
  }
}

/** The value's own cell, without what it points at. */
function ownBytes(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return stringBytes(value)
    case 'number':
      return isSmallInteger(value) ? 0 : BOXED_NUMBER
    case 'bigint':
      return BOXED_NUMBER + WORD * Math.ceil(bigintBits(value) / 64)
    case 'object':
      return value === null ? 0 : containerBytes(value)
    default:
      return 0
  }
}

/** 0 for plain objects: their members are counted where they are listed. */
function containerBytes(value: object): number {
  if (Array.isArray(value)) return ARRAY_HEADER + WORD * value.length
  if (ArrayBuffer.isView(value)) return BUFFER_HEADER + value.byteLength
  if (value instanceof ArrayBuffer) return BUFFER_HEADER + value.byteLength
  if (value instanceof Map) return COLLECTION_HEADER + MAP_ENTRY * value.size
  if (value instanceof Set) return COLLECTION_HEADER + SET_ENTRY * value.size
  if (value instanceof Date) return DATE_BYTES
  return 0
}

function stringBytes(text: string): number {
  const looked = text.length > CHARACTERS_LOOKED_AT ? text.slice(0, CHARACTERS_LOOKED_AT) : text
  // One character beyond Latin-1 makes V8 keep the whole string in two bytes each.
  const width = /[^\0-\xff]/.test(looked) ? 2 : 1
  return STRING_HEADER + WORD * Math.ceil((text.length * width) / WORD)
}

function isSmallInteger(value: number): boolean {
  return (value | 0) === value && !Object.is(value, -0)
}

function bigintBits(value: bigint): number {
  let bits = 64
  // Doubling instead of printing the number, which would take time in the square of its length.
  while (BigInt.asIntN(bits, value) !== value) bits *= 2
  return bits
}

function dataOf(value: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(value, name)?.value
}

/** Of a collection that can only be walked, the first members stand for all. */
function first<T>(members: Iterable<T>): T[] {
  const taken: T[] = []
  for (const member of members) {
    if (taken.length >= MEMBERS_AT_MOST) break
    taken.push(member)
  }
  return taken
}
