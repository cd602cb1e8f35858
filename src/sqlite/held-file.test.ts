import { expect, test } from 'vitest'
import { interrupted } from './call-outcome.ts'
import { HeldFile } from './held-file.ts'

/** A file that is opened where nothing is in its way. */
function setup(errcode?: number) {
  const scene = { ms: 0, errcode, limits: [] as number[], closed: 0 }
  const open = (limitMs: number) => {
    scene.limits.push(limitMs)
    if (scene.errcode !== undefined)
      throw Object.assign(new Error('no'), { errcode: scene.errcode })
    const close = () => {
      scene.closed += 1
      throw new Error('damaged')
    }
    return { close }
  }
  return { scene, held: new HeldFile({ open, monotonic: () => scene.ms }) }
}

test.each([
  ['what SQLite could not open is tried again after a second', 14, 1_000],
  ['what was refused is tried again after a minute', 0, 60_000],
])('%s, without waiting for locks', (_, errcode, pauseMs) => {
  const { scene, held } = setup(errcode)
  expect(held.fault).toMatchObject({ resultCode: errcode })
  scene.ms = pauseMs - 1
  expect(held.open()).toBeUndefined()
  expect(scene.limits).toHaveLength(1)
  scene.ms = pauseMs
  scene.errcode = undefined
  expect(held.open()).toBeDefined()
  expect(held.fault).toBeUndefined()
  expect(scene.limits).toEqual([expect.any(Number), 0])
})

test('a file that fails is left for a second, and one that is only left is opened at once', () => {
  const { scene, held } = setup()
  held.leave(interrupted('damaged'))
  expect([held.open(), held.fault?.message]).toEqual([undefined, 'damaged'])
  scene.ms = 1_000
  expect(held.open()).toBeDefined()
  held.leave()
  expect(held.open()).toBeDefined()
  expect(scene.closed).toBe(2)
})

test('what was closed is not opened any more', () => {
  const { scene, held } = setup()
  held.close()
  held.close()
  scene.ms = 100_000
  expect([held.open(), held.closed, held.fault?.message]).toEqual([
    undefined,
    true,
    'The file was closed.',
  ])
})
