/** The ledger as the judge uses it: every write that was ever asked for, and what was said of it. */

export interface Version {
  readonly epoch: string
  readonly number: number
}

export interface LedgerWrite {
  /** As it stands in the database. */
  readonly name: string
  /** Of the worker. */
  readonly teller: string
  /** With its collection. */
  readonly key: string
  readonly kind: 'put' | 'remove'
  /** What the same worker had been told before it asked: this one must be above it. */
  readonly after: Version | undefined
  /** `undefined`: nobody knows whether it was taken. */
  acknowledged: { readonly version: Version; readonly at: number } | undefined
}

export interface Ledger {
  readonly writes: readonly LedgerWrite[]
  /** In the order in which they were first heard of. */
  readonly epochs: readonly string[]
}

/** @throws Error for a line that nobody can have written. */
export function readLedger(text: string): Ledger {
  const writes = new Map<string, LedgerWrite>()
  const newest = new Map<string, Version>()
  const epochs = new Set<string>()
  for (const line of text.split('\n')) {
    const [at, teller = '', word, n, ...rest] = line.split(' ')
    const name = `${teller}.${n}`
    if (word === 'ask') {
      const [key = '', kind] = rest
      if (kind !== 'put' && kind !== 'remove') throw new Error(`The ledger has ${line}`)
      const after = newest.get(`${teller} ${key}`)
      writes.set(name, { name, teller, key, kind, after, acknowledged: undefined })
    } else if (word === 'ack') {
      const write = writes.get(name)
      const [epoch = '', number] = rest
      if (write === undefined) throw new Error(`The ledger answers what nobody asked: ${line}`)
      const version = { epoch, number: Number(number) }
      epochs.add(epoch)
      write.acknowledged = { version, at: Number(at) }
      newest.set(`${teller} ${write.key}`, version)
    }
  }
  return { writes: [...writes.values()], epochs: [...epochs] }
}
