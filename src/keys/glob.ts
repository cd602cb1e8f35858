/**
 * Patterns over keys: `*` any text, `?` one character, `[a-z]` and `[^a-z]` one of a set, `\` before
 * a character that stands for itself.
 *
 * Two pointers and no RegExp: a pattern of fifteen characters can hold a RegExp engine for minutes,
 * this takes at most pattern times key steps. A character is a code point, so that `?`
 * fits an emoji.
 */

import { ArgumentError } from '../contracts/errors.ts'

const MAX_PATTERN_LENGTH = 1024

type Piece =
  | { readonly kind: 'text'; readonly character: string }
  | { readonly kind: 'one' }
  | { readonly kind: 'any' }
  | { readonly kind: 'set'; readonly inverse: boolean; readonly ranges: readonly Range[] }
type Range = readonly [from: string, to: string]
/** Text as it is where each of its characters is one unit, which spares an array for most keys. */
type Characters = string | readonly string[]

/**
 * A test for whole keys.
 *
 * @throws ArgumentError if the pattern is too long, or ends inside a set or an escape.
 */
export function compileGlob(pattern: string): (key: string) => boolean {
  if (typeof pattern !== 'string' || pattern.length > MAX_PATTERN_LENGTH) {
    throw refuse(pattern, `a glob of at most ${MAX_PATTERN_LENGTH} characters`)
  }
  const pieces = parse(charactersOf(pattern))
  return (key) => matches(pieces, charactersOf(key))
}

function charactersOf(text: string): Characters {
  return /[\ud800-\udfff]/.test(text) ? [...text] : text
}

function parse(pattern: Characters): readonly Piece[] {
  const pieces: Piece[] = []
  for (let i = 0; i < pattern.length; i += 1) {
    const character = pattern[i] as string
    if (character === '*') {
      if (pieces.at(-1)?.kind !== 'any') pieces.push({ kind: 'any' })
    } else if (character === '?') {
      pieces.push({ kind: 'one' })
    } else if (character === '[') {
      const end = parseSet(pattern, i + 1, pieces)
      i = end
    } else if (character === '\\') {
      i += 1
      if (i === pattern.length) throw refuse(pattern, 'a glob with a character after its last `\\`')
      pieces.push({ kind: 'text', character: pattern[i] as string })
    } else {
      pieces.push({ kind: 'text', character })
    }
  }
  return pieces
}

/** Reads a set from after its `[`, answers where its `]` stands. */
function parseSet(pattern: Characters, start: number, pieces: Piece[]): number {
  const inverse = pattern[start] === '^'
  const ranges: Range[] = []
  let i = inverse ? start + 1 : start
  for (; i < pattern.length && pattern[i] !== ']'; i += 1) {
    if (pattern[i] === '\\') i += 1
    const from = pattern[i]
    if (from === undefined) break
    if (pattern[i + 1] === '-' && pattern[i + 2] !== undefined && pattern[i + 2] !== ']') {
      const escaped = pattern[i + 2] === '\\' ? 1 : 0
      const to = pattern[i + 2 + escaped]
      if (to === undefined) break
      ranges.push(from <= to ? [from, to] : [to, from])
      i += 2 + escaped
    } else {
      ranges.push([from, from])
    }
  }
  if (pattern[i] !== ']') throw refuse(pattern, 'a glob whose `[` is closed')
  pieces.push({ kind: 'set', inverse, ranges })
  return i
}

function matches(pieces: readonly Piece[], key: Characters): boolean {
  let piece = 0
  let position = 0
  // Where to go on if the text after the last star does not fit: one character further.
  let star = -1
  let resume = 0
  while (position < key.length) {
    const current = pieces[piece]
    if (current?.kind === 'any') {
      star = piece
      resume = position
      piece += 1
    } else if (current !== undefined && fits(current, key[position] as string)) {
      piece += 1
      position += 1
    } else if (star >= 0) {
      resume += 1
      position = resume
      piece = star + 1
    } else {
      return false
    }
  }
  while (pieces[piece]?.kind === 'any') piece += 1
  return piece === pieces.length
}

function fits(piece: Exclude<Piece, { kind: 'any' }>, character: string): boolean {
  switch (piece.kind) {
    case 'text':
      return piece.character === character
    case 'one':
      return true
    case 'set':
      return (
        piece.ranges.some(([from, to]) => from <= character && character <= to) !== piece.inverse
      )
    default:
      return piece satisfies never
  }
}

function refuse(pattern: Characters, expected: string): ArgumentError {
  const actual = Array.isArray(pattern) ? pattern.join('') : pattern
  return new ArgumentError({ field: 'pattern', expected, actual })
}
