/** What the environment may say about the shop; `main.ts` reads it once. */

import { join, resolve } from 'node:path'
import { StartError } from './start-error.ts'

export interface ShopConfig {
  /** 0: any free port. */
  readonly port: number
  readonly host: string
  /** Made if it is not there. */
  readonly dataDir: string
  /** Products of a new shop. */
  readonly products: number
}

/** `process.env` fits. An empty variable counts as an absent one. */
export interface Environment {
  readonly PORT?: string | undefined
  readonly HOST?: string | undefined
  readonly DATA_DIR?: string | undefined
  readonly SEED_PRODUCTS?: string | undefined
}

const DEFAULT_PORT = 3_000
const DEFAULT_HOST = '127.0.0.1'
const DEFAULT_PRODUCTS = 10_000
const DEFAULT_DATA_DIR = join(import.meta.dirname, '..', '.data')

/** @throws StartError that names the variable. */
export function readConfig(environment: Environment): ShopConfig {
  const { PORT, HOST, DATA_DIR, SEED_PRODUCTS } = environment
  return {
    port: wholeNumber('PORT', PORT, { fallback: DEFAULT_PORT, lowest: 0, highest: 65_535 }),
    host: HOST || DEFAULT_HOST,
    dataDir: DATA_DIR ? resolve(DATA_DIR) : DEFAULT_DATA_DIR,
    products: wholeNumber('SEED_PRODUCTS', SEED_PRODUCTS, {
      fallback: DEFAULT_PRODUCTS,
      lowest: 1,
      highest: 100_000,
    }),
  }
}

interface Range {
  readonly fallback: number
  readonly lowest: number
  readonly highest: number
}

function wholeNumber(name: string, text: string | undefined, range: Range): number {
  if (!text) return range.fallback
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= range.lowest && value <= range.highest) return value
  throw new StartError(
    `${name} must be a whole number from ${range.lowest} to ${range.highest}, got ${JSON.stringify(text)}.`,
  )
}
