import { describe, expect, test } from 'vitest'
import { untilAborted } from './until-aborted.ts'

/** Counts what stays registered at a signal. */
function setup() {
  const controller = new AbortController()
  const { signal } = controller
  let listeners = 0
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...input: Parameters<typeof addEventListener>) => {
    listeners += 1
    addEventListener.apply(signal, input)
  }
  signal.removeEventListener = (...input: Parameters<typeof removeEventListener>) => {
    listeners -= 1
    removeEventListener.apply(signal, input)
  }
  return { controller, signal, listeners: () => listeners }
}

describe('a wait that may be aborted', () => {
  test('ends as the work does, and takes its listener back', async () => {
    const { signal, listeners } = setup()
    expect(await untilAborted(signal, async () => 'done')).toBe('done')
    const failing = untilAborted(signal, () => Promise.reject(new Error('down')))
    await expect(failing).rejects.toThrow('down')
    expect(listeners()).toBe(0)
    expect(await untilAborted(undefined, async () => 'done')).toBe('done')
  })

  test('ends with the reason of the signal, while the work goes on and may fail unheard', async () => {
    const { controller, signal, listeners } = setup()
    const work = Promise.withResolvers<string>()
    const waiting = untilAborted(signal, () => work.promise)
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    expect(listeners()).toBe(0)
    work.reject(new Error('down'))
  })

  test('does not begin when the signal has aborted already', async () => {
    let begun = false
    const work = async (): Promise<void> => {
      begun = true
    }
    await expect(untilAborted(AbortSignal.abort(new Error('no')), work)).rejects.toThrow('no')
    expect(begun).toBe(false)
  })
})
