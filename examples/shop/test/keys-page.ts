/**
 * What the shop caches, as a page: each collection as it describes itself, with the key and the tags of
 * an entry that a request has left there.
 */

import type { CollectionDescription } from 'tiercel'
import { openShop } from './open-shop.ts'

/** Where an entry of a collection comes from. */
interface Sample {
  /** What stands in the key, for people. */
  readonly key: string
  /** Of the entry that `ask` leaves. */
  readonly example: string
  /** A page that shows it; absent: another sample's has left it, or no read leaves one. */
  readonly ask?: string
}

const SAMPLES: Readonly<Record<string, Sample>> = {
  product: { key: 'its id', example: '7', ask: '/products/7/details' },
  'product-list': { key: 'page, category', example: '1:', ask: '/products?page=1' },
  reviews: { key: "the product's id", example: '7' },
  inventory: { key: "the product's id", example: '7' },
  'price-history': { key: "the product's id", example: '7' },
  featured: { key: 'one entry', example: 'front-page' },
  user: { key: 'its id', example: '7', ask: '/users/7' },
  'user-list': { key: 'the page', example: '1', ask: '/users?page=1' },
  welcome: { key: "the user's id", example: '7', ask: '/users/7/welcome' },
  country: { key: 'one entry', example: 'delivered-to', ask: '/countries' },
  stock: { key: 'its symbol', example: 'ACME', ask: '/stocks/ACME' },
  document: { key: 'its id', example: '1', ask: '/documents/1' },
  'document-versions': { key: "the document's id", example: '1', ask: '/documents/1/versions' },
  'inventory-change': { key: 'of one reservation', example: '-' },
  'active-users': { key: "the document's id", example: '1', ask: '/documents/1/active-users' },
  feed: { key: 'user, page, size of pages', example: '7:1:20', ask: '/feed/7?page=1&pageSize=20' },
  activity: { key: 'its id', example: '1', ask: '/activities/1' },
}

const TOKEN = 'token-of-the-shop-in-tests'

export async function keysPage(): Promise<string> {
  const shop = await openShop({ adminToken: TOKEN })
  const headers = { authorization: `Bearer ${TOKEN}` }
  const admin = async (path: string): Promise<never> =>
    (await shop.get(`/tiercel/api/v1/${path}`, headers)).json()

  const order = { userId: 7, items: [{ productId: 7, quantity: 1 }] }
  const ordered = (await shop.send('POST', '/orders', order)).json() as One<{ id: number }>
  const begun = (await shop.send('POST', '/sessions', { userId: 7 })).json() as One<{ id: string }>
  const samples: Readonly<Record<string, Sample>> = {
    ...SAMPLES,
    order: { key: 'its id', example: String(ordered.data.id) },
    'latest-order': { key: "the user's id", example: '7', ask: '/users/7/latest-order' },
    session: { key: 'its id, random', example: begun.data.id },
  }
  for (const { ask } of Object.values(samples)) if (ask !== undefined) await shop.get(ask)

  const described: readonly CollectionDescription[] = await admin('collections')
  const rows: string[] = []
  for (const one of described) {
    // No plain key is in use.
    if (one.name === '') continue
    const sample = samples[one.name]
    const query = new URLSearchParams({ collection: one.name, key: sample?.example ?? '-' })
    const { entry } = (await admin(`entry?${query}`)) as { entry: null | { tags: string[] } }
    rows.push(row(one, sample, entry?.tags ?? []))
  }
  return `${HEAD}${rows.sort().join('\n')}\n${FOOT}`
}

interface One<V> {
  readonly data: V
}

function row(one: CollectionDescription, sample: Sample | undefined, tags: string[]): string {
  const cells = [
    `\`${one.name}\``,
    sample?.key ?? '–',
    duration(one.ttlMs),
    one.memoryTtlMs === null ? 'as long' : duration(one.memoryTtlMs),
    one.graceMs === 0 ? '' : duration(one.graceMs),
    kinds(tags)
      .map((tag) => `\`${tag}\``)
      .join(', '),
    one.writes === null ? '' : `${one.writes.create}, ${one.writes.put}, ${one.writes.remove}`,
    one.workload ?? '',
    one.warms ? 'yes' : '',
  ]
  return `| ${cells.join(' | ')} |`
}

/** `product:*` of `product:7` and `product:12`. */
function kinds(tags: readonly string[]): string[] {
  return [...new Set(tags.map((tag) => tag.replaceAll(/\d+/g, '*')))].sort()
}

function duration(ms: number | null): string {
  if (ms === null) return 'no end'
  for (const [unit, length] of UNITS)
    if (ms >= 2 * length || ms === length) return `${ms / length} ${unit}`
  return `${ms} ms`
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

const HEAD = `# What the shop caches

Every collection of [the shop](../../examples/shop/README.md), as it describes itself (\`describe()\`), with the tags that an entry has. Generated from a
running shop, and compared with one by \`examples/shop/test/keys-page.test.ts\`; \`UPDATE=1\` writes it anew. [Naming keys](naming-keys.md) has
the rules.

| collection | key | life | in memory | grace | tags | create, put, remove | workload | warmed |
|---|---|---|---|---|---|---|---|---|
`

const FOOT = `
A key is written into the shared tier as \`collection:type and length:key\`, so \`7\` and \`'7'\` never meet; see [the wire
format](../wire-format.md). Where no life of its own is declared, the defaults stand: 5 min, 1 min in memory. \`*\` stands for a number.
`
