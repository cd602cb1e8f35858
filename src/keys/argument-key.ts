/**
 * The arguments of a call as one key: other arguments, another key.
 *
 * Read by `core/memoize.ts`. The text is a grammar that can be read in one way alone: text stands in
 * quotes, everything else begins with a sign or a word of its own. What it cannot tell apart by its
 * content (functions, symbols, instances of classes) is refused, for a key of it would hand one caller's
 * answer to another.
 */

import { ArgumentError } from '../contracts/errors.ts'
import { MAX_KEY_LENGTH } from './key-encoding.ts'

/** Deeper is most often something that refers to itself, which has no end. */
const MAX_DEPTH = 64

interface Writing {
  readonly parts: string[]
  /** Characters so far: what is too long to be a key is not written to its end. */
  length: number
}

/**
 * Arguments that are equal by their content have one key: the order of an object's fields says nothing,
 * that of a `Map` or a `Set` does; `undefined` that is passed is an argument, and one that is left out is
 * none; `0` and `-0` differ.
 *
 * @throws ArgumentError naming the argument that cannot be told from others, or that is too long.
 */
export function argumentKey(args: readonly unknown[]): string {
  if (args.length === 0) return '()'
  const [first] = args
  // What most calls are made with, without anything around.
  if (args.length === 1 && typeof first === 'number') return number(first)
  const writing: Writing = { parts: [], length: 0 }
  for (const [at, value] of args.entries()) {
    if (at > 0) write(writing, ',')
    writeValue(writing, value, { path: `arguments[${at}]`, depth: 0 })
  }
  return writing.parts.join('')
}

interface Place {
  /** For the error. */
  readonly path: string
  readonly depth: number
}

function write(writing: Writing, text: string): void {
  writing.length += text.length
  if (writing.length > MAX_KEY_LENGTH) {
    throw new ArgumentError({
      field: 'arguments',
      expected: `a key of at most ${MAX_KEY_LENGTH} characters together`,
      actual: writing.length,
      cure: 'Say by `key` what of them counts, for instance a hash.',
    })
  }
  writing.parts.push(text)
}

function writeValue(writing: Writing, value: unknown, place: Place): void {
  switch (typeof value) {
    case 'string':
      // Longer than any key: not worth its quotes.
      write(writing, value.length > MAX_KEY_LENGTH ? value : JSON.stringify(value))
      return
    case 'number':
      write(writing, number(value))
      return
    case 'bigint':
      write(writing, `${value}n`)
      return
    case 'boolean':
    case 'undefined':
      write(writing, String(value))
      return
    case 'object':
      if (value === null) write(writing, 'null')
      else writeObject(writing, value, place)
      return
    default:
      throw refuse(value, place)
  }
}

const number = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))

function writeObject(writing: Writing, value: object, place: Place): void {
  if (place.depth === MAX_DEPTH) throw refuse(value, place)
  switch (Object.getPrototypeOf(value)) {
    case Object.prototype:
      writeFields(writing, value, place)
      return
    case null:
      write(writing, 'null')
      writeFields(writing, value, place)
      return
    case Array.prototype:
      writeArray(writing, value as readonly unknown[], place)
      return
    case Date.prototype:
      checkBare(value, place)
      write(writing, `Date(${(value as Date).getTime()})`)
      return
    case Map.prototype:
      checkBare(value, place)
      write(writing, 'Map')
      writeList(writing, [...(value as ReadonlyMap<unknown, unknown>)].flat(1), place)
      return
    case Set.prototype:
      checkBare(value, place)
      write(writing, 'Set')
      writeList(writing, [...(value as ReadonlySet<unknown>)], place)
      return
    case Uint8Array.prototype:
      writeBytes(writing, value as Uint8Array, place)
      return
    default:
      throw refuse(value, place)
  }
}

/** A field that is computed, hidden or named by a symbol may make two objects differ, and is not in the text. */
function writeFields(writing: Writing, value: object, place: Place): void {
  const names = Reflect.ownKeys(value)
  write(writing, '{')
  for (const [at, name] of names.sort(byText).entries()) {
    const path = `${place.path}.${String(name)}`
    const field = Object.getOwnPropertyDescriptor(value, name)
    const isPlain = typeof name === 'string' && field?.enumerable === true && 'value' in field
    if (!isPlain) throw refuse(value, { ...place, path })
    write(writing, `${at > 0 ? ',' : ''}${JSON.stringify(name)}:`)
    writeValue(writing, field.value, { path, depth: place.depth + 1 })
  }
  write(writing, '}')
}

const byText = (one: string | symbol, two: string | symbol): number => {
  const [a, b] = [String(one), String(two)]
  return a < b ? -1 : Number(a > b)
}

function writeArray(writing: Writing, value: readonly unknown[], place: Place): void {
  // Every place is filled, and nothing but places and the length is there.
  if (Reflect.ownKeys(value).length !== value.length + 1) throw refuse(value, place)
  writeList(writing, value, place)
}

function writeList(writing: Writing, values: readonly unknown[], place: Place): void {
  write(writing, '[')
  for (const [at, value] of values.entries()) {
    if (at > 0) write(writing, ',')
    writeValue(writing, value, { path: `${place.path}[${at}]`, depth: place.depth + 1 })
  }
  write(writing, ']')
}

function writeBytes(writing: Writing, bytes: Uint8Array, place: Place): void {
  if (Reflect.ownKeys(bytes).length !== bytes.length) throw refuse(bytes, place)
  write(writing, 'Bytes(')
  for (const byte of bytes) write(writing, byte.toString(16).padStart(2, '0'))
  write(writing, ')')
}

/** Fields of its own would be lost. */
function checkBare(value: object, place: Place): void {
  if (Reflect.ownKeys(value).length > 0) throw refuse(value, place)
}

function refuse(value: unknown, { path }: Place): ArgumentError {
  return new ArgumentError({
    field: path,
    expected:
      'plain data: text, numbers, booleans, null, undefined, dates, bytes, and arrays, maps, sets and plain objects of them',
    actual: value,
    cure: 'What cannot be told apart cannot be a key: say by `key` what of the arguments counts.',
  })
}
