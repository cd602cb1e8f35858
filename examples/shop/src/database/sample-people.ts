/** The users and countries that a shop begins with, always the same ones; `seed.ts` stores them. */

import type { Country, User } from '../users/people.ts'
import { SeededNumbers } from './seeded-numbers.ts'

const SEED = 20_260_202
export const SAMPLE_USERS = 1_000
const OPENED_AT = Date.UTC(2026, 0, 1)
const DAY_MS = 86_400_000
const SECONDS_IN_A_QUARTER = 90 * 86_400

const FIRST_NAMES = ['Ada', 'Bela', 'Chidi', 'Dana', 'Emre', 'Freya', 'Goran', 'Hana'] as const
const LAST_NAMES = [
  'Abara',
  'Berg',
  'Costa',
  'Dogan',
  'Egger',
  'Farkas',
  'Green',
  'Horvat',
] as const

/** Where the shop delivers to. */
const COUNTRIES = {
  AR: 'Argentina',
  AT: 'Austria',
  AU: 'Australia',
  BE: 'Belgium',
  BG: 'Bulgaria',
  BR: 'Brazil',
  CA: 'Canada',
  CH: 'Switzerland',
  CL: 'Chile',
  CZ: 'Czechia',
  DE: 'Germany',
  DK: 'Denmark',
  EE: 'Estonia',
  EG: 'Egypt',
  ES: 'Spain',
  FI: 'Finland',
  FR: 'France',
  GB: 'United Kingdom',
  GR: 'Greece',
  HR: 'Croatia',
  HU: 'Hungary',
  IE: 'Ireland',
  IN: 'India',
  IS: 'Iceland',
  IT: 'Italy',
  JP: 'Japan',
  KE: 'Kenya',
  KR: 'South Korea',
  LT: 'Lithuania',
  LU: 'Luxembourg',
  LV: 'Latvia',
  MA: 'Morocco',
  MT: 'Malta',
  MX: 'Mexico',
  NG: 'Nigeria',
  NL: 'Netherlands',
  NO: 'Norway',
  NZ: 'New Zealand',
  PL: 'Poland',
  PT: 'Portugal',
  RO: 'Romania',
  RS: 'Serbia',
  SE: 'Sweden',
  SG: 'Singapore',
  SI: 'Slovenia',
  SK: 'Slovakia',
  TR: 'Türkiye',
  UA: 'Ukraine',
  US: 'United States',
  ZA: 'South Africa',
} as const

export interface SamplePeople {
  readonly users: readonly User[]
  readonly countries: readonly Country[]
}

export function samplePeople(): SamplePeople {
  const numbers = new SeededNumbers(SEED)
  const countries = Object.entries(COUNTRIES).map(([code, name]) => ({ code, name }))
  const codes = countries.map(({ code }) => code) as [string, ...string[]]
  const users = Array.from({ length: SAMPLE_USERS }, (_, index) => ({
    id: index + 1,
    name: `${numbers.pick(FIRST_NAMES)} ${numbers.pick(LAST_NAMES)}`,
    countryCode: numbers.pick(codes),
    registeredAt: OPENED_AT - numbers.between(90, 900) * DAY_MS,
    lastLoginAt: OPENED_AT - numbers.between(0, SECONDS_IN_A_QUARTER) * 1_000,
  }))
  return { users, countries }
}
