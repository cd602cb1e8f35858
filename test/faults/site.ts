/** The servers of one set-up, and where the workers find them. */

import type { Address } from './messages.ts'

export interface Site extends AsyncDisposable {
  readonly name: string
  addressOf(slot: number): Address
}
