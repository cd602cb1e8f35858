/** What the environment and the command line may say about the shop; `main.ts` reads it once. */

import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { StartError } from './start-error.ts'

export interface ShopConfig {
  /** 0: any free port. Several instances take this one and those that follow. */
  readonly port: number
  readonly host: string
  /** Made if it is not there. */
  readonly dataDir: string
  /** Products of a new shop. */
  readonly products: number
  /** Of the Redis that instances share; absent: they share `cache.db`. */
  readonly redisUrl: string | undefined
  /** Of the PostgreSQL that has the products; absent: they are in `source.db`. */
  readonly databaseUrl: string | undefined
  /** Opens the administration to programs; absent: to the one who started the shop, by a link. */
  readonly adminToken: string | undefined
  /** `off`: every read goes to the source, every write at once; to compare with. */
  readonly caching: 'on' | 'off'
  /** What each call of the source takes longer, milliseconds: as if it were far away. */
  readonly sourceDelayMs: number
  /** How this process is called where it says who answered. */
  readonly instance: string
  /** More than 1: this process starts so many and answers nothing itself. */
  readonly instances: number
}

/** `process.env` fits. An empty variable counts as an absent one. */
export interface Environment {
  readonly PORT?: string | undefined
  readonly HOST?: string | undefined
  readonly DATA_DIR?: string | undefined
  readonly SEED_PRODUCTS?: string | undefined
  readonly REDIS_URL?: string | undefined
  readonly DATABASE_URL?: string | undefined
  readonly ADMIN_TOKEN?: string | undefined
  readonly CACHE?: string | undefined
  readonly SOURCE_DELAY_MS?: string | undefined
}

const DEFAULT_PORT = 3_000
const DEFAULT_HOST = '127.0.0.1'
const DEFAULT_PRODUCTS = 10_000
const DEFAULT_DATA_DIR = join(import.meta.dirname, '../..', '.data')
const HIGHEST_PORT = 65_535
/** Each is a process with some 100 MB of its own. */
const INSTANCES_AT_MOST = 16
/** It stands in a header and in a page. */
const INSTANCE_NAME = /^[\w.:-]{1,64}$/

/**
 * `args` as after the name of the program.
 *
 * @throws StartError that names the variable or the option.
 */
export function readConfig(environment: Environment, args: readonly string[]): ShopConfig {
  const { PORT, HOST, DATA_DIR, SEED_PRODUCTS, REDIS_URL, DATABASE_URL, ADMIN_TOKEN } = environment
  const asked = readArgs(args)
  const instances = wholeNumber('--instances', asked.instances, {
    fallback: 1,
    lowest: 1,
    highest: INSTANCES_AT_MOST,
  })
  return {
    port: wholeNumber('PORT', PORT, {
      fallback: DEFAULT_PORT,
      lowest: 0,
      highest: HIGHEST_PORT + 1 - instances,
    }),
    host: HOST || DEFAULT_HOST,
    dataDir: DATA_DIR ? resolve(DATA_DIR) : DEFAULT_DATA_DIR,
    products: wholeNumber('SEED_PRODUCTS', SEED_PRODUCTS, {
      fallback: DEFAULT_PRODUCTS,
      lowest: 1,
      highest: 100_000,
    }),
    redisUrl: address('REDIS_URL', REDIS_URL, REDIS),
    databaseUrl: address('DATABASE_URL', DATABASE_URL, DATABASE),
    adminToken: token('ADMIN_TOKEN', ADMIN_TOKEN),
    caching: caching(environment.CACHE),
    sourceDelayMs: wholeNumber('SOURCE_DELAY_MS', environment.SOURCE_DELAY_MS, {
      fallback: 0,
      lowest: 0,
      highest: 10_000,
    }),
    instance: instanceName(asked.instance),
    instances,
  }
}

interface Arguments {
  readonly instances?: string | undefined
  readonly instance?: string | undefined
}

function readArgs(args: readonly string[]): Arguments {
  try {
    const options = { instances: { type: 'string' }, instance: { type: 'string' } } as const
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new StartError(`It takes --instances NUMBER and --instance NAME. ${why}`, {
      cause: error,
    })
  }
}

interface AddressForm {
  readonly protocols: readonly string[]
  readonly example: string
}

const REDIS = { protocols: ['redis:', 'rediss:'], example: 'redis://127.0.0.1:6379' }
const DATABASE = {
  protocols: ['postgres:', 'postgresql:'],
  example: 'postgres://shop@127.0.0.1:5432/shop',
}

function address(
  name: string,
  text: string | undefined,
  { protocols, example }: AddressForm,
): string | undefined {
  if (!text) return undefined
  if (protocols.includes(URL.parse(text)?.protocol ?? '')) return text
  // Not shown: it may hold a password.
  throw new StartError(`${name} must be an address such as ${example}.`)
}

function token(name: string, text: string | undefined): string | undefined {
  if (!text) return undefined
  if (/^[\x21-\x7e]{16,1024}$/.test(text)) return text
  // Not shown either.
  throw new StartError(`${name} must be 16 to 1024 letters, digits and signs without spaces.`)
}

function caching(word: string | undefined): 'on' | 'off' {
  if (!word || word === 'on') return 'on'
  if (word === 'off') return 'off'
  throw new StartError(`CACHE must be on or off, got ${JSON.stringify(word)}.`)
}

function instanceName(name: string | undefined): string {
  if (name === undefined) return `${hostname()}:${process.pid}`
  if (INSTANCE_NAME.test(name)) return name
  throw new StartError(
    `--instance must be 1 to 64 letters, digits, '.', ':', '_' or '-', got ${JSON.stringify(name)}.`,
  )
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
