/**
 * What a replacement policy remembers of entries that have left: a bounded table of key hashes.
 *
 * Four bytes a ghost. A hash may be mistaken for another about once in a thousand lookups; the
 * policy then misjudges one entry, and nothing else happens.
 */

/** Ways of a bucket: how many ghosts whose hashes start alike can be remembered. */
const WAYS = 8
const TAG_SHIFT = 20
const TIME_SHIFT = 4
const TIME_MASK = 0xffff
const NOTE_MASK = 0xf
/** Steps of the clock for one span. A quarter of the 16 bits, so that old ghosts are told from new ones. */
const STEPS_A_SPAN = 16_384

/** Ghosts of the latest departures, each with a note from 0 to 15. Remembers none until `widen`. */
export class GhostTable {
  #words = new Uint32Array(WAYS)
  #span = 0
  /** Departures for one step of the 16-bit clock. */
  #stride = 1
  #departures = 0

  /**
   * Remembers `span` departures from now on, if that is more than before. All that was remembered
   * is then forgotten: tables grow while a cache fills, when little has left it.
   */
  widen(span: number): void {
    if (span <= this.#span) return
    this.#span = span
    this.#stride = Math.max(1, Math.ceil(span / STEPS_A_SPAN))
    this.#words = new Uint32Array(wordsFor(span))
    this.#departures = 0
  }

  remember(hash: number, note: number): void {
    this.#departures += 1
    const words = this.#words
    const first = this.#bucket(hash)
    const tag = tagOf(hash)
    const time = this.#time()
    let place = first
    let oldest = -1
    for (let at = first; at < first + WAYS; at += 1) {
      const word = words[at] ?? 0
      if (word === 0 || word >>> TAG_SHIFT === tag) {
        place = at
        break
      }
      const age = (time - (word >>> TIME_SHIFT)) & TIME_MASK
      if (age > oldest) {
        oldest = age
        place = at
      }
    }
    words[place] = ((tag << TAG_SHIFT) | (time << TIME_SHIFT) | note) >>> 0
  }

  /**
   * Answers what is known of `hash` and forgets it: `age * 16 + note`, the age in departures since;
   * -1 if it is not known.
   */
  recall(hash: number): number {
    const words = this.#words
    const first = this.#bucket(hash)
    const tag = tagOf(hash)
    for (let at = first; at < first + WAYS; at += 1) {
      const word = words[at] ?? 0
      if (word === 0 || word >>> TAG_SHIFT !== tag) continue
      words[at] = 0
      const age = ((this.#time() - (word >>> TIME_SHIFT)) & TIME_MASK) * this.#stride
      return age > this.#span ? -1 : age * (NOTE_MASK + 1) + (word & NOTE_MASK)
    }
    return -1
  }

  clear(): void {
    this.#words.fill(0)
  }

  #bucket(hash: number): number {
    return (hash & (this.#words.length / WAYS - 1)) * WAYS
  }

  #time(): number {
    return Math.floor(this.#departures / this.#stride) & TIME_MASK
  }
}

/** The tag comes from the high bits, since the low ones choose the bucket. Never 0: that is "free". */
function tagOf(hash: number): number {
  return hash >>> TAG_SHIFT || 1
}

/** A power of two with room for `span` ghosts. */
function wordsFor(span: number): number {
  return Math.max(WAYS, 2 ** Math.ceil(Math.log2(Math.max(1, span))))
}
