/** The source of all workers, with all that it ever held. Kept in the judge's process. */

import { allKeys } from './keyspace.ts'
import type { Row } from './messages.ts'
import { monotonicMs } from './monotonic-ms.ts'

export interface Commit {
  readonly version: string
  readonly at: number
}

interface KeyHistory {
  readonly commits: Commit[]
  readonly index: Map<string, number>
}

export class RowSource {
  readonly #keys = new Map<string, KeyHistory>(
    allKeys.map((key) => [
      key,
      { commits: [{ version: 'first', at: 0 }], index: new Map([['first', 0]]) },
    ]),
  )

  read(key: string): Row | undefined {
    const version = this.#keys.get(key)?.commits.at(-1)?.version
    return version === undefined ? undefined : { key, version }
  }

  write(rows: readonly Row[]): void {
    const at = monotonicMs()
    for (const { key, version } of rows) {
      const history = this.#keys.get(key)
      history?.index.set(version, history.commits.length)
      history?.commits.push({ version, at })
    }
  }

  /** Its place among all commits of the key; `undefined`: it was never committed. */
  indexOf(key: string, version: string): number | undefined {
    return this.#keys.get(key)?.index.get(version)
  }

  commits(key: string): readonly Commit[] {
    return this.#keys.get(key)?.commits ?? []
  }
}
