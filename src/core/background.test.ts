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

  test('that there is none of is idle at once', async () => {
    await setup().background.idle()
  })
})
