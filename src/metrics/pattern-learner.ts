/**
 * What plain keys have in common: `user:42:cart` and `user:43:cart` are `user:*:cart`.
 *
 * A word is shown only once eight different keys have had it in the same place, so that what stands in
 * one key alone is never told; numbers, ids and whatever has digits never are, nor the last part of a key
 * that varies nowhere else. Where too many words stand in one place, it varies. All of it is bounded.
 */

import { hashKey } from '../keys/hash-key.ts'
import { OTHER, PLAIN } from './pattern-table.ts'

/** Keys that a word must have been seen in. */
const PROOF = 8
/** Words in one place; with more it varies. */
const MAX_WORDS = 64
const MAX_PARTS = 6
const MAX_WORD_LENGTH = 32
/** Places of all patterns together. */
const MAX_PLACES = 20_000

interface Place {
  /** The pattern of what ends here. */
  readonly text: string
  readonly hasStar: boolean
  /** By separator and word. */
  readonly words: Map<string, Place>
  /** What varies, by separator. */
  readonly stars: Map<string, Place>
  /** Too many words have been seen here. */
  varies: boolean
  /** Keys that had this word; `undefined`: there were enough. */
  proof: number[] | undefined
  state: 'new' | 'shown' | 'other'
}

export class PatternLearner {
  readonly #limit: number
  readonly #isTaken: (pattern: string) => boolean
  readonly #root: Place = place('', false)
  #places = 0
  #shown = 0
  #others = 0

  /**
   * `limit`: patterns that are told apart; of more, `other` is answered. `isTaken`: a collection is called
   * so, and keys that look like its own are plain keys all the same.
   */
  constructor(limit: number, isTaken: (pattern: string) => boolean) {
    this.#limit = limit
    this.#isTaken = isTaken
  }

  /** Patterns that are `other`; at most 20,000. */
  get others(): number {
    return this.#others
  }

  patternOf(key: string): string {
    let at = this.#root
    let from = 0
    let separator = ''
    for (let part = 1; ; part += 1) {
      const end = endOfPart(key, from)
      const isLast = end === key.length
      if (part === MAX_PARTS) return this.#show(this.#star(at, separator))
      const mayShow = (!isLast || at.hasStar) && !at.varies && isWord(key, from, end)
      const next = mayShow
        ? this.#word(at, separator + key.slice(from, end), key)
        : this.#star(at, separator)
      // It may be a word of many keys, or of this one alone: that is not known yet.
      if (next === undefined) return PLAIN
      if (isLast) return this.#show(next)
      at = next
      separator = key[end] as string
      from = end + 1
    }
  }

  /** `undefined`: it is not shown yet. */
  #word(at: Place, word: string, key: string): Place | undefined {
    const known = at.words.get(word)
    if (known !== undefined) {
      if (known.proof === undefined) return known
      const hash = hashKey(key, 0)
      if (!known.proof.includes(hash)) known.proof.push(hash)
      if (known.proof.length < PROOF) return undefined
      known.proof = undefined
      return known
    }
    if (at.words.size >= MAX_WORDS || this.#places >= MAX_PLACES) {
      this.#places -= at.words.size
      at.words.clear()
      at.varies = true
      return undefined
    }
    this.#places += 1
    const made = place(at.text + word, at.hasStar)
    made.proof = [hashKey(key, 0)]
    at.words.set(word, made)
    return undefined
  }

  #star(at: Place, separator: string): Place {
    const known = at.stars.get(separator)
    if (known !== undefined) return known
    const made = place(`${at.text}${separator}*`, true)
    at.stars.set(separator, made)
    return made
  }

  #show(at: Place): string {
    if (at.state === 'new') {
      if (at.text === PLAIN || this.#shown < this.#limit) {
        at.state = 'shown'
        this.#shown += 1
      } else {
        at.state = 'other'
        this.#others = Math.min(MAX_PLACES, this.#others + 1)
      }
    }
    if (at.state === 'other') return OTHER
    return this.#isTaken(at.text) ? PLAIN : at.text
  }
}

function place(text: string, hasStar: boolean): Place {
  const none = { words: new Map(), stars: new Map(), varies: false, proof: undefined } as const
  return { text, hasStar, ...none, proof: undefined, varies: false, state: 'new' }
}

/** `:`, `/`, `|` and `.` part a key. */
function endOfPart(key: string, from: number): number {
  let at = from
  while (at < key.length) {
    const code = key.charCodeAt(at)
    if (code === 58 || code === 47 || code === 124 || code === 46) return at
    at += 1
  }
  return at
}

/** Letters, `-` and `_` alone; no digit, no sign, no other alphabet that could hide something. */
function isWord(key: string, from: number, end: number): boolean {
  if (end === from || end - from > MAX_WORD_LENGTH) return false
  for (let at = from; at < end; at += 1) {
    const code = key.charCodeAt(at)
    const isLetter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
    if (!isLetter && code !== 45 && code !== 95) return false
  }
  return true
}
