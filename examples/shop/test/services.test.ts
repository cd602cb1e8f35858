/** Stock prices, documents and feeds, on each of the deployments; a test has things of its own. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ActiveUsers, Document, DocumentVersions } from '../src/documents/document.ts'
import type { Activity, Feed } from '../src/feed/activity.ts'
import { sampleFollows } from '../src/feed/sample-feed.ts'
import type { Stock } from '../src/stocks/stock.ts'
import { DEPLOYMENTS, type OpenedDeployments, openDeployments } from './deployments.ts'

interface One<V> {
  readonly cached: boolean
  readonly data: V
}

let deployments: OpenedDeployments | undefined
beforeAll(async () => {
  deployments = await openDeployments()
}, 60_000)
afterAll(() => deployments?.[Symbol.asyncDispose](), 60_000)

function setup(name: (typeof DEPLOYMENTS)[number]) {
  if (deployments === undefined) throw new Error('The deployments are not open.')
  return deployments.on(name)
}

describe.each(DEPLOYMENTS)('on %s, stock prices', (name) => {
  test('come from the source once, and from a tier of the cache afterwards', async () => {
    const shops = setup(name)
    const loaded = await shops.first.get('/stocks/ACME')
    expect(loaded).toMatchObject({ status: 200, tier: 'source' })
    const { cached, data } = loaded.json() as One<Stock>
    expect(cached).toBe(false)
    expect(data).toMatchObject({ symbol: 'ACME', company: 'Acme Anvils' })

    const again = await shops.first.get('/stocks/ACME')
    expect(again.tier).toBe('memory')
    expect(again.json()).toEqual({ cached: true, data })
    const elsewhere = await shops.last.get('/stocks/ACME')
    expect(elsewhere.tier).toBe(shops.all.length === 1 ? 'memory' : 'shared')
    expect(elsewhere.json()).toEqual({ cached: true, data })
  })

  test('that are changed leave every instance, and the next read loads the new one', async () => {
    const shops = setup(name)
    await shops.warm('/stocks/DUNE')
    const changed = await shops.first.send('PUT', '/stocks/DUNE', { priceCents: 4_711 })
    expect(changed).toMatchObject({ status: 204, body: '', tier: 'source' })

    const next = await shops.first.get('/stocks/DUNE')
    expect(next.tier).toBe('source')
    const company = 'Dune Travel'
    expect((next.json() as One<Stock>).data).toMatchObject({ company, priceCents: 4_711 })
    await shops.seen('/stocks/DUNE', (data: Stock) => expect(data.priceCents).toBe(4_711))
  })

  test('that are changed in a batch leave together, and the others stay', async () => {
    const shops = setup(name)
    for (const symbol of ['FERN', 'GLAS', 'HIVE']) await shops.warm(`/stocks/${symbol}`)
    const prices = [
      { symbol: 'HIVE', priceCents: 1 },
      { symbol: 'FERN', priceCents: 2 },
      { symbol: 'HIVE', priceCents: 3 },
    ]
    const changed = await shops.last.send('POST', '/stocks/batch', { prices })
    expect(changed).toMatchObject({ status: 204, body: '', tier: 'source' })

    for (const [symbol, priceCents] of [
      ['FERN', 2],
      ['HIVE', 3],
    ] as const) {
      const next = await shops.last.get(`/stocks/${symbol}`)
      expect(next.json()).toMatchObject({ data: { symbol, priceCents } })
      await shops.seen(`/stocks/${symbol}`, (data: Stock) =>
        expect(data.priceCents).toBe(priceCents),
      )
    }
    for (const shop of shops.all) expect((await shop.get('/stocks/GLAS')).tier).toBe('memory')
  })

  test('stay as they are where one of a batch is of no stock', async () => {
    const shops = setup(name)
    await shops.warm('/stocks/KITE')
    const [before] = await shops.read('/stocks/KITE')
    const prices = ['KITE', 'NONE'].map((symbol) => ({ symbol, priceCents: 1 }))
    const refused = await shops.first.send('POST', '/stocks/batch', { prices })
    expect(refused.status).toBe(404)
    const message = 'There is no stock NONE.'
    expect(refused.json()).toEqual({ error: { field: 'prices.1.symbol', message } })
    for (const shop of shops.all) {
      const after = await shop.get('/stocks/KITE')
      expect(after.tier).toBe('memory')
      expect(after.json()).toEqual({ cached: true, data: before })
    }
  })

  test('may be changed in batches that overlap, at once and in any order', async () => {
    const shops = setup(name)
    const symbols = ['OAKS', 'PINE', 'QUIL', 'RIVR']
    const batches = Array.from({ length: 12 }, (_, n) => {
      const ordered = n % 2 === 0 ? symbols : symbols.toReversed()
      const prices = ordered.map((symbol) => ({ symbol, priceCents: n }))
      return shops.all[n % shops.all.length]?.send('POST', '/stocks/batch', { prices })
    })
    for (const answer of await Promise.all(batches)) expect(answer?.status).toBe(204)
    // Each batch is all or nothing: whichever came last has set all four.
    const differentPrices = async () => {
      const read = await Promise.all(symbols.map((symbol) => shops.read(`/stocks/${symbol}`)))
      return new Set((read.flat() as Stock[]).map(({ priceCents }) => priceCents)).size
    }
    await expect.poll(differentPrices).toBe(1)
  })
})

describe.each(DEPLOYMENTS)('on %s, documents', (name) => {
  test('come from the source once with their versions, and from memory afterwards', async () => {
    const { first } = setup(name)
    for (const path of ['', '/versions', '/active-users']) {
      const loaded = await first.get(`/documents/1${path}`)
      expect(loaded).toMatchObject({ status: 200, tier: 'source' })
      const { cached, data } = loaded.json() as One<unknown>
      expect(cached).toBe(false)
      const again = await first.get(`/documents/1${path}`)
      expect(again.tier).toBe('memory')
      expect(again.json()).toEqual({ cached: true, data })
    }
  })

  test('that are changed take their versions with them, and no others', async () => {
    const shops = setup(name)
    const [own, other] = ['/documents/2/versions', '/documents/3/versions']
    for (const url of ['/documents/2', '/documents/2/active-users', own, other]) {
      await shops.warm(url)
    }
    const [before] = (await shops.read('/documents/2')) as [Document]
    const draft = { title: 'Returns: new plan', text: 'Ask first.\nThen send.' }
    const changed = await shops.first.send('PUT', '/documents/2', draft)
    expect(changed).toMatchObject({ status: 204, body: '', tier: 'source' })

    const version = before.version + 1
    const next = (await shops.first.get('/documents/2')).json() as One<Document>
    expect(next.cached).toBe(false)
    expect(next.data).toMatchObject({ id: 2, ...draft, version })
    expect((await shops.first.get(own)).tier).toBe('source')
    await shops.seen('/documents/2', (data: Document) => expect(data.title).toBe(draft.title))
    await shops.seen(own, ({ items }: DocumentVersions) => {
      const characters = draft.text.length
      expect(items[0]).toMatchObject({ version, title: draft.title, characters })
      expect(items).toHaveLength(version)
    })
    for (const shop of shops.all) {
      expect((await shop.get(other)).tier).toBe('memory')
      expect((await shop.get('/documents/2/active-users')).tier).toBe('memory')
    }
  })

  test('that are changed on all instances at once keep every change as a version', async () => {
    const shops = setup(name)
    const [before] = (await shops.read('/documents/4')) as [Document]
    const titles = Array.from({ length: 9 }, (_, n) => `Change ${n}`)
    const changes = titles.map((title, n) =>
      shops.all[n % shops.all.length]?.send('PUT', '/documents/4', { title, text: '' }),
    )
    for (const answer of await Promise.all(changes)) expect(answer?.status).toBe(204)
    await shops.seen('/documents/4/versions', ({ items }: DocumentVersions) => {
      expect(items.map(({ version }) => version)).toEqual(
        Array.from({ length: before.version + 9 }, (_, n) => before.version + 9 - n),
      )
      const made = items.slice(0, 9).map(({ title }) => title)
      expect(made.sort()).toEqual(titles)
    })
    await shops.seen('/documents/4', ({ version }: Document) =>
      expect(version).toBe(before.version + 9),
    )
  })

  test('show who joins them at once, each once and the latest first', async () => {
    const shops = setup(name)
    const [url, other] = ['/documents/5/active-users', '/documents/6/active-users']
    await shops.warm(url)
    await shops.warm(other)
    for (const userId of [7, 8, 7]) {
      const joined = await shops.first.send('POST', '/documents/5/join', { userId })
      expect(joined).toMatchObject({ status: 204, body: '', tier: 'source' })
      const next = await shops.first.get(url)
      expect(next.tier).toBe('source')
      expect((next.json() as One<ActiveUsers>).data.items[0]).toMatchObject({
        userId,
        name: expect.stringMatching(/\w/),
      })
    }
    await shops.seen(url, ({ items }: ActiveUsers) =>
      expect(items.map(({ userId }) => userId)).toEqual([7, 8]),
    )
    const named = { name: 'Ada Lovelace', countryCode: 'GB' }
    expect((await shops.first.send('PUT', '/users/8', named)).status).toBe(200)
    await shops.seen(url, ({ items }: ActiveUsers) => expect(items[1]?.name).toBe(named.name))
    for (const shop of shops.all) expect((await shop.get(other)).tier).toBe('memory')
  })
})

describe.each(DEPLOYMENTS)('on %s, feeds', (name) => {
  test('are kept by page and by size of page', async () => {
    const { first } = setup(name)
    const page = async (query: string) => {
      const answer = await first.get(`/feed/11${query}`)
      expect(answer.status).toBe(200)
      return { tier: answer.tier, ...(answer.json() as One<Feed>).data }
    }
    const whole = await page('?pageSize=50')
    expect(whole).toMatchObject({ tier: 'source', userId: 11, page: 1, pageSize: 50 })
    const ids = whole.items.map(({ id }) => id)
    expect(ids).toEqual([...ids].sort((a, b) => b - a))
    expect(whole.total).toBeGreaterThan(3)
    const fours = [await page('?pageSize=2'), await page('?page=2&pageSize=2')]
    expect(fours.map(({ tier }) => tier)).toEqual(['source', 'source'])
    expect(fours.flatMap(({ items }) => items)).toEqual(whole.items.slice(0, 4))
    expect(await page('')).toMatchObject({ tier: 'source', pageSize: 20 })
    expect(await page('?page=1&pageSize=20')).toMatchObject({ tier: 'memory', pageSize: 20 })
    expect((await page('?page=9000')).items).toEqual([])
  })

  test('show a new activity to its author and to all who follow them, and nobody else', async () => {
    const shops = setup(name)
    const author = 2
    const followers = followersOf(author).slice(0, 3)
    const stranger = 12
    expect(followersOf(author)).not.toContain(stranger)
    const shown = [author, ...followers].map((userId) => `/feed/${userId}`)
    for (const url of [...shown, `/feed/${stranger}`]) await shops.warm(url)
    const before = new Map<string, number>()
    for (const url of shown) before.set(url, ((await shops.read(url)) as [Feed])[0].total)

    const text = 'Has moved house.'
    const told = await shops.first.send('POST', '/activities', { userId: author, text })
    expect(told).toMatchObject({ status: 201, tier: 'source' })
    const { data } = told.json() as One<Activity>
    expect(data).toMatchObject({ userId: author, text, likes: 0 })
    expect(told.headers).toMatchObject({ location: `/activities/${data.id}` })
    expect((await shops.first.get(`/activities/${data.id}`)).json()).toEqual({ cached: true, data })
    for (const url of shown) {
      const next = await shops.first.get(url)
      expect(next.tier).toBe('source')
      expect((next.json() as One<Feed>).data.items[0]).toEqual(data)
      await shops.seen(url, ({ items, total }: Feed) => {
        expect(items[0]).toEqual(data)
        expect(total).toBe((before.get(url) ?? 0) + 1)
      })
    }
    for (const shop of shops.all) expect((await shop.get(`/feed/${stranger}`)).tier).toBe('memory')
  })

  test('leave with their user', async () => {
    const shops = setup(name)
    for (const url of ['/feed/15', '/feed/16']) await shops.warm(url)
    expect((await shops.first.send('DELETE', '/users/15')).status).toBe(204)
    expect((await shops.first.get('/feed/15')).status).toBe(404)
    for (const shop of shops.all) {
      const status = async () => (await shop.get('/feed/15')).status
      await expect.poll(status, { timeout: 1_000, interval: 10 }).toBe(404)
      expect((await shop.get('/feed/16')).tier).toBe('memory')
    }
  })

  test('show a like wherever its activity stands, and other pages stay', async () => {
    const shops = setup(name)
    const [feed] = (await shops.read('/feed/13?pageSize=2')) as [Feed]
    const [activity] = feed.items as [Activity]
    const showing = ['/feed/13?pageSize=2', '/feed/13?pageSize=50', `/feed/${activity.userId}`]
    const other = '/feed/13?page=2&pageSize=2'
    for (const url of [...showing, other, `/activities/${activity.id}`]) await shops.warm(url)
    const liked = await shops.first.send('POST', `/activities/${activity.id}/like`)
    expect(liked).toMatchObject({ status: 204, body: '', tier: 'source' })

    const likes = activity.likes + 1
    const next = await shops.first.get(`/activities/${activity.id}`)
    expect(next.tier).toBe('source')
    expect((next.json() as One<Activity>).data).toEqual({ ...activity, likes })
    await shops.seen(`/activities/${activity.id}`, (data: Activity) =>
      expect(data.likes).toBe(likes),
    )
    for (const url of showing) {
      expect((await shops.first.get(url)).tier).toBe('source')
      await shops.seen(url, ({ items }: Feed) =>
        expect(items.find(({ id }) => id === activity.id)?.likes).toBe(likes),
      )
    }
    for (const shop of shops.all) expect((await shop.get(other)).tier).toBe('memory')
  })

  test('lose none of many likes at once, on any instance', async () => {
    const shops = setup(name)
    const [before] = (await shops.read('/activities/500')) as [Activity]
    const likes = Array.from({ length: 15 }, (_, n) =>
      shops.all[n % shops.all.length]?.send('POST', '/activities/500/like'),
    )
    for (const answer of await Promise.all(likes)) expect(answer?.status).toBe(204)
    await shops.seen('/activities/500', (data: Activity) =>
      expect(data.likes).toBe(before.likes + 15),
    )
  })
})

function followersOf(author: number): readonly number[] {
  return sampleFollows()
    .filter(({ userId }) => userId === author)
    .map(({ followerId }) => followerId)
}
