import { expect, test } from 'vitest'
import { TableColumns } from './table-columns.ts'

/** A table whose columns are `names`, and a clock. */
function setup() {
  const scene = { now: 0, names: ['id'], asked: 0 }
  const ask = async () => {
    scene.asked += 1
    if (scene.names.length === 0) throw new Error('away')
    return scene.names.map((name) => ({ name, type: 'text', filled: false }))
  }
  const columns = new TableColumns(ask, 'a', () => scene.now)
  const known = async () => (await columns.known()).map(({ name }) => name)
  return { scene, columns, known }
}

test('columns are looked up once a minute', async () => {
  const { scene, known } = setup()
  expect([await known(), await known()]).toEqual([['id'], ['id']])
  scene.names = ['id', 'added']
  scene.now = 59_999
  expect(await known()).toEqual(['id'])
  scene.now = 60_000
  expect(await known()).toEqual(['id', 'added'])
  expect(scene.asked).toBe(2)
})

test('a look-up that failed is tried again by the next call', async () => {
  const { scene, known, columns } = setup()
  scene.names = []
  await expect(known()).rejects.toThrow('away')
  scene.names = ['id']
  expect(await known()).toEqual(['id'])
  scene.names = ['id', 'added']
  expect((await columns.anew()).map(({ name }) => name)).toEqual(['id', 'added'])
  expect(await known()).toEqual(['id', 'added'])
})
