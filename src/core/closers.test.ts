import { expect, test } from 'vitest'
import { Closers } from './closers.ts'

/** Four of them, which note that they were told. */
function setup() {
  const closers = new Closers()
  const told: string[] = []
  const takeBack = new Map(
    ['a', 'b', 'c', 'd'].map((name) => [name, closers.add(() => told.push(name))]),
  )
  return { closers, told, takeBack: (name: string) => takeBack.get(name)?.() }
}

test('all are told, in the order in which they came', () => {
  const { closers, told } = setup()
  closers.tell()
  expect(told).toEqual(['a', 'b', 'c', 'd'])
})

test.each([
  ['a', 'bcd'],
  ['b', 'acd'],
  ['d', 'abc'],
  ['abcd', ''],
  ['dcba', ''],
  ['bb', 'acd'],
])('without %s, %s are left, and newcomers follow them', (gone, left) => {
  const { closers, told, takeBack } = setup()
  for (const name of gone) takeBack(name)
  closers.add(() => told.push('e'))
  closers.tell()
  expect(told).toEqual([...left, 'e'])
})

test('who takes the next one back keeps it from being told', () => {
  const closers = new Closers()
  const told: string[] = []
  closers.add(() => takeBack())
  const takeBack = closers.add(() => told.push('second'))
  closers.add(() => told.push('third'))
  closers.tell()
  expect(told).toEqual(['third'])
})
