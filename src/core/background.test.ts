import { describe, expect, test } from 'vitest'
import { Background } from './background.ts'

function setup() {
  const errors: unknown[] = []
  const background = new Background((reason, error) => errors.push([reason, error]))
  return { background, errors }
}

describe('work in the background', () => {
  test('that fails is told to its owner, and leaves no rejection behind', async () => {
    const { background, errors } = setup()
    const error = new Error('down')
    background.run('release', Promise.reject(error))
    await background.idle()
    expect(errors).toEqual([['release', error]])
  })

  test('is waited for, with what it has started meanwhile', async () => {
    const { background } = setup()
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    background.run(
      'first',
      first.promise.then(() => background.run('second', second.promise)),
    )
    let isIdle = false
    const idle = background.idle().then(() => {
      isIdle = true
    })
    first.resolve()
    await new Promise(setImmediate)
    expect(isIdle).toBe(false)
    second.resolve()
    await idle
  })

  test('is handed to the host, which hears of no error', async () => {
    const handed: Promise<void>[] = []
    const background = new Background(
      () => {},
      (work) => handed.push(work),
    )
    background.run('load', Promise.reject(new Error('down')))
    await expect(background.watch(Promise.reject(new Error('late')))).rejects.toThrow('late')
    background.run('fill', Promise.resolve(1))
    expect(await Promise.all(handed)).toEqual([undefined, undefined, undefined])
  })

  test('goes on where the host refuses it', async () => {
    const errors: unknown[] = []
    const background = new Background(
      (reason) => errors.push(reason),
      () => {
        throw new Error('no request')
      },
    )
    expect(await background.watch(Promise.resolve(1))).toBe(1)
    expect(errors).toEqual(['waitUntil'])
  })

  test('that there is none of is idle at once', async () => {
    await setup().background.idle()
  })
})
