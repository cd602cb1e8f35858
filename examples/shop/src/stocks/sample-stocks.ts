/** The stocks that a shop begins with, always the same ones. */

import { SeededNumbers } from '../database/seeded-numbers.ts'
import type { Stock } from './stock.ts'

const SEED = 20_260_303
const OPENED_AT = Date.UTC(2026, 0, 1)

/** Of companies that there are not. */
const COMPANIES = {
  ACME: 'Acme Anvils',
  ALBA: 'Alba Lighting',
  BRSK: 'Brisk Cycles',
  CORK: 'Cork & Sons',
  DUNE: 'Dune Travel',
  ELMS: 'Elms Furniture',
  FERN: 'Fern Garden Tools',
  GLAS: 'Northern Glass',
  HIVE: 'Hive Audio',
  IRON: 'Ironwood Kitchens',
  JADE: 'Jade Office',
  KITE: 'Kite Toys',
  LOOM: 'Loom Textiles',
  MAPL: 'Maple Books',
  NOVA: 'Nova Instruments',
  OAKS: 'Oaks Timber',
  PINE: 'Pine Outdoor',
  QUIL: 'Quill Paper',
  RIVR: 'River Logistics',
  SLAT: 'Slate Roofing',
  TERN: 'Tern Airways',
  URSA: 'Ursa Robotics',
  VALE: 'Vale Waters',
  WOOL: 'Wool United',
} as const

export function sampleStocks(): readonly Stock[] {
  const numbers = new SeededNumbers(SEED)
  return Object.entries(COMPANIES).map(([symbol, company]) => ({
    symbol,
    company,
    priceCents: numbers.between(500, 60_000),
    updatedAt: OPENED_AT,
  }))
}
