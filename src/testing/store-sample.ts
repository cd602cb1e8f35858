/** What the cases of `storeSuite` are run on. */

import type { Store } from '../contracts/source.ts'

/** The values that the suite stores. */
export interface StoreSample {
  readonly name: string
  readonly count: number
}

export type SampleStore = Store<string, StoreSample>
