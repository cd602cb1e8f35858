/**
 * What one key was, in the order in which it became so, as only the checker knows it: what the database
 * was given, and what waits for it in the true master of its shard.
 */

export interface HeldVersion {
  readonly version: number
  /** Milliseconds of virtual time. */
  readonly at: number
  /** As the tier orders writes; `undefined`: written by somebody who keeps no versions. */
  readonly number: number | undefined
  readonly isBehind: boolean
  /** Waits for the database. */
  waits: boolean
  /** The database has had it. */
  stored: boolean
  /** Since when whoever asks may know that older versions are over. */
  coveredAt: number | undefined
}

export interface StoredVersion {
  readonly version: number
  readonly number: number | undefined
}

export class KeyHistory {
  readonly #held: HeldVersion[] = []
  /** Of a version, where it was current last. */
  readonly #place = new Map<number, number>()
  /** Of a version, where it was current first. */
  readonly #first = new Map<number, number>()
  #row: StoredVersion = { version: 0, number: undefined }
  /** What the database held, and since when. */
  /** When what is current was found to be so anew, as the tier had lost what came after it. */
  anewAt: number = Number.NEGATIVE_INFINITY
  readonly #rows: { readonly at: number; readonly version: number }[] = []
  readonly #absences = new Set<number>()

  /** The newest version that is no row; 0: there was always one. */
  get absent(): number {
    let newest = 0
    for (const version of this.#absences) {
      if ((this.placeOf(version) ?? -1) > (this.placeOf(newest) ?? -1)) newest = version
    }
    return newest
  }

  /** The version is no row. */
  noteAbsence(version: number): void {
    this.#absences.add(version)
  }

  isAbsence(version: number): boolean {
    return this.#absences.has(version)
  }

  get latest(): HeldVersion | undefined {
    return this.#held.at(-1)
  }

  get size(): number {
    return this.#held.length
  }

  /** What the database holds. */
  get row(): StoredVersion {
    return this.#row
  }

  /** What the database held at that moment. */
  rowAt(moment: number): number {
    return this.#rows.findLast(({ at }) => at <= moment)?.version ?? 0
  }

  /** Whether the database held it then, or later: a write that has waited may come over a newer one of others. */
  heldSince(version: number, moment: number): boolean {
    const last = this.#rows.findLastIndex((row) => row.version === version)
    const next = this.#rows[last + 1]
    return last >= 0 && (next === undefined || next.at >= moment)
  }

  placeOf(version: number): number | undefined {
    return this.#place.get(version)
  }

  /** Where it was current before anything was lost. */
  firstPlaceOf(version: number): number | undefined {
    return this.#first.get(version)
  }

  at(place: number): HeldVersion | undefined {
    return this.#held[place]
  }

  held(version: number): HeldVersion | undefined {
    const place = this.#place.get(version)
    return place === undefined ? undefined : this.#held[place]
  }

  /** It waits in the tier, and is what its key is from now on. */
  queue(what: { readonly version: number; readonly number: number; readonly at: number }): void {
    this.#insert(this.#held.length, { ...what, isBehind: true, waits: true, stored: false })
  }

  /** The database has it: under what waits and is newer. */
  store(what: {
    readonly version: number
    readonly number: number | undefined
    readonly at: number
    readonly isBehind: boolean
  }): void {
    const { version, number } = what
    // What a write without a version leaves there.
    this.#row = { version, number: number ?? this.#row.number }
    this.#rows.push({ at: what.at, version })
    const known = this.held(version)
    if (known?.waits === true) {
      known.waits = false
      known.stored = true
      return
    }
    let place = this.#held.length
    for (; place > 0; place -= 1) {
      const before = this.#held[place - 1]
      if (before?.waits !== true) break
      if (number !== undefined && (before.number ?? 0) < number) break
    }
    this.#insert(place, { ...what, waits: false, stored: true })
  }

  /** Whatever else was to wait is lost: what is current now is so anew. */
  keep(waiting: readonly StoredVersion[], now: number): void {
    const kept = new Set(waiting.map(({ version }) => version))
    for (const held of this.#held) {
      if (!held.waits || kept.has(held.version)) continue
      held.waits = false
      held.coveredAt = undefined
    }
    const last = waiting.at(-1)
    const isNewer = last !== undefined && (this.#row.number ?? 0) < (last.number ?? 0)
    const { version, number } = isNewer ? last : this.#row
    if (this.latest?.version === version) return
    for (const held of this.#held.slice((this.#place.get(version) ?? -1) + 1)) {
      held.coveredAt = undefined
    }
    this.anewAt = now
    const isBehind = this.held(version)?.isBehind === true
    this.#insert(this.#held.length, {
      version,
      number,
      at: now,
      isBehind,
      waits: isNewer,
      stored: !isNewer,
    })
  }

  /** It waits under another number. */
  renumber(version: number, number: number): void {
    const place = this.#place.get(version)
    const held = place === undefined ? undefined : this.#held[place]
    if (held !== undefined && place !== undefined) this.#held[place] = { ...held, number }
  }

  /** Given up: the source is said to have something newer. @returns whether it has. */
  discard(version: number): boolean {
    const held = this.held(version)
    if (held === undefined || !held.waits) return true
    held.waits = false
    return this.isStored(version)
  }

  /** Whether the database has it, or had something that came after it. */
  isStored(version: number): boolean {
    const place = this.#place.get(version)
    return place === undefined || this.#held.slice(place).some(({ stored }) => stored)
  }

  cover(place: number, now: number): void {
    const held = this.#held[place]
    if (held !== undefined) held.coveredAt ??= now
  }

  /** Since when whoever asks may know of it, or of what came after it. */
  coveredSince(version: number): number | undefined {
    let since: number | undefined
    for (const { coveredAt } of this.#held.slice(this.#place.get(version) ?? 0)) {
      if (coveredAt !== undefined) since = Math.min(since ?? coveredAt, coveredAt)
    }
    return since
  }

  /** By what it is over, and since when; `undefined`: nobody was told of anything newer. */
  overSince(version: number): { readonly at: number; readonly by: HeldVersion } | undefined {
    let over: { readonly at: number; readonly by: HeldVersion } | undefined
    for (const by of this.#held.slice((this.#place.get(version) ?? 0) + 1)) {
      if (by.coveredAt === undefined) continue
      const at = Math.max(by.at, by.coveredAt)
      if (over === undefined || at < over.at) over = { at, by }
    }
    return over
  }

  #insert(place: number, what: Omit<HeldVersion, 'coveredAt'>): void {
    this.#held.splice(place, 0, { ...what, coveredAt: undefined })
    for (let at = place; at < this.#held.length; at += 1) {
      this.#place.set(this.#held[at]?.version ?? 0, at)
    }
    this.#first.clear()
    for (const [at, { version }] of this.#held.entries()) {
      if (!this.#first.has(version)) this.#first.set(version, at)
    }
  }
}
