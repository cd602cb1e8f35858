/** Inventory, users and orders, on each of the deployments; a test has things of its own. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Order } from '../src/orders/order.ts'
import type { Inventory } from '../src/products/views.ts'
import type { Session, User, UserList, Welcome } from '../src/users/people.ts'
import {
  DEPLOYMENTS,
  type Deployment,
  type OpenedDeployments,
  openDeployments,
} from './deployments.ts'
import type { Answer, OpenShop } from './open-shop.ts'

interface One<V> {
  readonly cached: boolean
  readonly data: V
}

const BUYERS = 200

let deployments: OpenedDeployments | undefined
beforeAll(async () => {
  deployments = await openDeployments()
}, 60_000)
afterAll(() => deployments?.[Symbol.asyncDispose](), 60_000)

function setup(name: (typeof DEPLOYMENTS)[number]) {
  if (deployments === undefined) throw new Error('The deployments are not open.')
  return deployments.on(name)
}

function dataOf<V>(answer: Answer): V {
  return (answer.json() as One<V>).data
}

function problemOf(answer: Answer): readonly [number, unknown] {
  return [answer.status, (answer.json() as { error: unknown }).error]
}

/** By one instance after the other, all of them at once. */
function byAll<T>(
  { all }: Deployment,
  count: number,
  ask: (shop: OpenShop, n: number) => Promise<T>,
): Promise<T[]> {
  const turns = Array.from({ length: count }, (_, n) => all[n % all.length] as OpenShop)
  return Promise.all(turns.map(ask))
}

async function register(shop: OpenShop, name = 'Zoe'): Promise<User> {
  const answer = await shop.send('POST', '/users', { name, countryCode: 'TR' })
  expect(answer).toMatchObject({ status: 201, tier: 'source' })
  return dataOf(answer)
}

describe.each(DEPLOYMENTS)('on %s, the inventory', (name) => {
  test('that is reserved and restored is seen on every instance', async () => {
    const shops = setup(name)
    await shops.warm('/inventory/1')
    const before = (await shops.read('/inventory/1'))[0] as Inventory
    const reserved = await shops.first.send('POST', '/inventory/1/reserve', { quantity: 3 })
    expect(reserved).toMatchObject({ status: 200, tier: 'source' })
    const taken = { stock: before.stock - 3, reserved: 3 }
    expect(reserved.json()).toMatchObject({ cached: false, data: { quantity: 3, ...taken } })
    await shops.seen('/inventory/1', (data: Inventory) => expect(data).toMatchObject(taken))

    const restored = await shops.last.send('POST', '/inventory/1/restore', { quantity: 2 })
    expect(restored.status).toBe(200)
    const left = { stock: before.stock - 1, reserved: 1 }
    await shops.seen('/inventory/1', (data: Inventory) => expect(data).toMatchObject(left))
  })

  test('stays in the cache where there is not enough to be reserved or restored', async () => {
    const shops = setup(name)
    await shops.warm('/inventory/2')
    const { stock } = (await shops.read('/inventory/2'))[0] as Inventory
    const reserve = { quantity: stock + 1 }
    expect(problemOf(await shops.first.send('POST', '/inventory/2/reserve', reserve))).toEqual([
      409,
      { field: 'quantity', message: `There are ${stock} in stock.` },
    ])
    expect(
      problemOf(await shops.first.send('POST', '/inventory/2/restore', { quantity: 1 })),
    ).toMatchObject([409, { field: 'quantity' }])
    for (const shop of shops.all) expect((await shop.get('/inventory/2')).tier).toBe('memory')
  })

  test('is changed once by a request that is sent again, to another instance too', async () => {
    const shops = setup(name)
    const { stock } = dataOf<Inventory>(await shops.first.get('/inventory/3'))
    const body = { quantity: 2, request: `of ${name}`.replaceAll(/[ ,]/g, '-') }
    const answers = await byAll(shops, 6, (shop) => shop.send('POST', '/inventory/3/reserve', body))
    for (const answer of answers) {
      expect(answer.status).toBe(200)
      expect(dataOf(answer)).toMatchObject({ ...body, stock: stock - 2, reserved: 2 })
    }
    const other = await shops.last.send('POST', '/inventory/3/reserve', { ...body, quantity: 1 })
    expect(problemOf(other)).toMatchObject([409, { field: 'request' }])
  })

  test('is not changed any more by a request that was refused, when there is enough again', async () => {
    const shops = setup(name)
    const { stock } = dataOf<Inventory>(await shops.first.get('/inventory/11'))
    const all = { quantity: stock, request: `all-of-11-${stock}` }
    const some = { quantity: 1, request: `one-of-11-${stock}` }
    const ask = (kind: string, body: object) =>
      shops.last.send('POST', `/inventory/11/${kind}`, body)
    expect((await ask('reserve', all)).status).toBe(200)
    expect((await ask('reserve', some)).status).toBe(409)
    expect((await ask('restore', { quantity: 2 })).status).toBe(200)
    expect((await ask('reserve', some)).status).toBe(409)
    expect((await ask('reserve', { quantity: 1 })).status).toBe(200)
    await shops.seen('/inventory/11', (data: Inventory) => expect(data.stock).toBe(1))
  })

  test(`lets as many of ${BUYERS} buyers have it as there is`, async () => {
    const shops = setup(name)
    const before = dataOf<Inventory>(await shops.first.get('/inventory/4'))
    const quantity = Math.ceil(before.stock / 90)
    const answers = await byAll(shops, BUYERS, (shop) =>
      shop.send('POST', '/inventory/4/reserve', { quantity }),
    )
    const lucky = answers.filter(({ status }) => status === 200)
    expect(lucky).toHaveLength(Math.floor(before.stock / quantity))
    for (const answer of answers) {
      if (answer.status !== 200) expect(answer.status).toBe(409)
      else expect(dataOf<Inventory>(answer).stock).toBeGreaterThanOrEqual(0)
    }
    const reserved = lucky.length * quantity
    const after = { stock: before.stock - reserved, reserved }
    await shops.seen('/inventory/4', (data: Inventory) => expect(data).toMatchObject(after))
    const back = await byAll(shops, lucky.length + 1, (shop) =>
      shop.send('POST', '/inventory/4/restore', { quantity }),
    )
    expect(back.filter(({ status }) => status !== 200)).toHaveLength(1)
    await shops.seen('/inventory/4', (data: Inventory) => expect(data).toEqual(before))
  })
})

describe.each(DEPLOYMENTS)('on %s, a user', (name) => {
  test('who registers is welcomed from the cache at the first read, and listed', async () => {
    const shops = setup(name)
    const last = dataOf<UserList>(await shops.first.get('/users')).total
    // Somebody has asked before there was one.
    for (const shop of shops.all) {
      expect((await shop.get(`/users/${last + 1}/welcome`)).status).toBe(404)
    }
    const user = await register(shops.first)
    expect(user).toMatchObject({ id: last + 1, name: 'Zoe', countryCode: 'TR' })
    for (const path of ['', '/welcome']) {
      const answer = await shops.first.get(`/users/${user.id}${path}`)
      expect([path, answer.tier, answer.json()]).toEqual([
        path,
        expect.not.stringMatching('source'),
        { cached: true, data: expect.anything() },
      ])
    }
    await shops.seen(`/users/${user.id}/welcome`, (data: Welcome) =>
      expect(data).toMatchObject({ userId: user.id, name: 'Zoe', country: 'Türkiye' }),
    )
    await shops.seen('/users', ({ total }: UserList) => expect(total).toBe(last + 1))
  })

  test('who is changed is seen so on every instance, wherever it stands', async () => {
    const shops = setup(name)
    for (const path of ['/users/7', '/users/7/welcome', '/users']) await shops.warm(path)
    const body = { name: 'Maya', countryCode: 'AT' }
    const changed = await shops.first.send('PUT', '/users/7', body)
    expect(changed).toMatchObject({ status: 200, tier: 'source' })
    expect(dataOf(changed)).toMatchObject({ id: 7, ...body })
    await shops.seen('/users/7', (data: User) => expect(data).toMatchObject(body))
    await shops.seen('/users/7/welcome', (data: Welcome) =>
      expect(data).toMatchObject({ name: 'Maya', country: 'Austria' }),
    )
    await shops.seen('/users', ({ items }: UserList) =>
      expect(items.find(({ id }) => id === 7)).toMatchObject(body),
    )
  })

  test('keeps the time of a login that happens beside a change', async () => {
    const shops = setup(name)
    const startedAt = Date.now()
    await byAll(shops, 12, (shop, n) =>
      n % 2 === 0
        ? shop.send('POST', '/sessions', { userId: 8 })
        : shop.send('PUT', '/users/8', { name: `Maya ${n}`, countryCode: 'AT' }),
    )
    await shops.seen('/users/8', (data: User) => {
      expect(data.lastLoginAt).toBeGreaterThanOrEqual(startedAt)
      expect(data.name).toMatch(/^Maya \d+$/)
    })
  })

  test('who logs in has a session on every instance, which ends when the user is removed', async () => {
    const shops = setup(name)
    const { id: userId } = await register(shops.first)
    const begun = await shops.first.send('POST', '/sessions', { userId })
    expect(begun).toMatchObject({ status: 201, tier: 'source' })
    const session = dataOf<Session>(begun)
    expect(begun.headers['location']).toBe(`/sessions/${session.id}`)
    for (const shop of shops.all) {
      expect((await shop.get(`/sessions/${session.id}`)).json()).toEqual({
        cached: true,
        data: session,
      })
    }
    await shops.warm(`/users/${userId}`)

    const removed = await shops.last.send('DELETE', `/users/${userId}`)
    expect(removed).toMatchObject({ status: 204, body: '', tier: 'source' })
    for (const path of [
      `/sessions/${session.id}`,
      `/users/${userId}`,
      `/users/${userId}/welcome`,
    ]) {
      for (const { get } of shops.all) {
        await expect.poll(async () => (await get(path)).status, { timeout: 1_000 }).toBe(404)
      }
    }
    expect((await shops.first.send('DELETE', `/users/${userId}`)).status).toBe(404)
    expect((await shops.first.send('POST', '/sessions', { userId })).status).toBe(404)
  })
})

describe.each(DEPLOYMENTS)('on %s, an order', (name) => {
  test('is confirmed from the cache at the first read, as is the latest of its user', async () => {
    const shops = setup(name)
    const { id: userId } = await register(shops.first)
    const latest = `/users/${userId}/latest-order`
    // Somebody has looked before there was one.
    for (const shop of shops.all) expect((await shop.get(latest)).status).toBe(404)
    const before = (await shops.read('/inventory/5'))[0] as Inventory
    for (const quantity of [1, 2]) {
      const items = [
        { productId: 6, quantity: 1 },
        { productId: 5, quantity },
      ]
      const created = await shops.first.send('POST', '/orders', { userId, items })
      expect(created).toMatchObject({ status: 201, tier: 'source' })
      const order = dataOf<Order>(created)
      expect(created.headers['location']).toBe(`/orders/${order.id}`)
      expect(order.lines).toMatchObject([{ productId: 5, quantity }, { productId: 6 }])
      const [five, six] = order.lines
      expect(order.totalCents).toBe((five?.priceCents ?? 0) * quantity + (six?.priceCents ?? 0))
      for (const path of [`/orders/${order.id}`, latest]) {
        const answer = await shops.first.get(path)
        expect(answer.json()).toEqual({ cached: true, data: order })
        await shops.seen(path, (data: Order) => expect(data).toEqual(order))
      }
    }
    await shops.seen('/inventory/5', ({ stock }: Inventory) => expect(stock).toBe(before.stock - 3))
  })

  test('takes nothing at all where there is not enough of one thing', async () => {
    const shops = setup(name)
    const [plenty] = (await shops.read('/inventory/8')) as Inventory[]
    const [scarce] = (await shops.read('/inventory/9')) as Inventory[]
    // In three parts, since a basket may hold a hundred of a kind in one line.
    const parts = Array.from({ length: 6 }, () => ({ productId: 9, quantity: 100 }))
    const items = [{ productId: 8, quantity: 1 }, ...parts]
    const refused = await shops.first.send('POST', '/orders', { userId: 9, items })
    const message = `There are ${scarce?.stock} of product 9 in stock.`
    expect(problemOf(refused)).toEqual([409, { field: 'items.1.quantity', message }])
    await shops.seen('/inventory/8', (data: Inventory) => expect(data).toEqual(plenty))
    await shops.seen('/inventory/9', (data: Inventory) => expect(data).toEqual(scarce))
    expect((await shops.first.get('/users/9/latest-order')).status).toBe(404)
  })

  test('of one thing is had by as many of many buyers as there is', async () => {
    const shops = setup(name)
    const before = dataOf<Inventory>(await shops.first.get('/inventory/10'))
    const quantity = Math.ceil(before.stock / 12)
    const items = [{ productId: 10, quantity }]
    const answers = await byAll(shops, 24, (shop, n) =>
      shop.send('POST', '/orders', { userId: 20 + n, items }),
    )
    const lucky = answers.filter(({ status }) => status === 201)
    expect(lucky).toHaveLength(Math.floor(before.stock / quantity))
    for (const { status } of answers) expect([201, 409]).toContain(status)
    const stock = before.stock - lucky.length * quantity
    await shops.seen('/inventory/10', (data: Inventory) => expect(data.stock).toBe(stock))
  })

  test.each([
    [{ userId: 4_711_000, items: [{ productId: 1, quantity: 1 }] }, 404, 'userId'],
    [{ userId: 1, items: [{ productId: 4_711, quantity: 1 }] }, 404, 'items.0.productId'],
    [{ userId: 1, items: [] }, 400, 'items'],
    [{ userId: 1, items: [{ productId: 1, quantity: 0 }] }, 400, 'items.0.quantity'],
  ])('as %j is refused, and the field is named', async (draft, status, field) => {
    const { first } = setup(name)
    expect(problemOf(await first.send('POST', '/orders', draft))).toMatchObject([status, { field }])
  })
})
