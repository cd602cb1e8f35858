import { describe, expect, test } from 'vitest'
import type { StaleEvent } from '../contracts/events.ts'
import { EventStream } from './event-stream.ts'

const EVENT: StaleEvent = { type: 'stale', pattern: '*', reason: 'load-slow' }

function setup() {
  const errors: unknown[] = []
  const heard: string[] = []
  const stream = new EventStream((error) => errors.push(error))
  const hear = (name: string) => () => {
    heard.push(name)
  }
  return { stream, errors, heard, hear }
}

describe('listeners', () => {
  test('hear events of their type, with the event itself', () => {
    const { stream, heard, hear } = setup()
    const events: StaleEvent[] = []
    stream.on('stale', (event) => events.push(event))
    stream.on('load', hear('load'))
    stream.emit(EVENT)
    expect(events).toEqual([EVENT])
    expect(heard).toEqual([])
  })

  test('that throw stop neither the others nor who tells', () => {
    const { stream, errors, heard, hear } = setup()
    const error = new Error('mine')
    stream.on('stale', () => {
      throw error
    })
    stream.on('stale', hear('second'))
    stream.emit(EVENT)
    expect(heard).toEqual(['second'])
    expect(errors).toEqual([error])
  })

  test('registered twice hear twice, and each registration ends by itself', () => {
    const { stream, heard, hear } = setup()
    const listener = hear('one')
    const [first, second] = [stream.on('stale', listener), stream.on('stale', listener)]
    stream.emit(EVENT)
    expect(heard).toEqual(['one', 'one'])
    first[Symbol.dispose]()
    first[Symbol.dispose]()
    stream.emit(EVENT)
    expect(heard).toHaveLength(3)
    expect(stream.listens('stale')).toBe(true)
    second[Symbol.dispose]()
    stream.emit(EVENT)
    expect(heard).toHaveLength(3)
    expect(stream.listens('stale')).toBe(false)
  })

  test('ended twice do not end those who came between', () => {
    const { stream, heard, hear } = setup()
    const early = stream.on('stale', hear('early'))
    early[Symbol.dispose]()
    stream.on('stale', hear('late'))
    early[Symbol.dispose]()
    stream.emit(EVENT)
    expect(heard).toEqual(['late'])
  })

  test('that register or end others from within change the next event, or this one', () => {
    const { stream, heard, hear } = setup()
    const again = (): void => {
      hear('again')()
      stream.on('stale', again)
      victim[Symbol.dispose]()
    }
    stream.on('stale', again)
    const victim = stream.on('stale', hear('victim'))
    stream.emit(EVENT)
    expect(heard).toEqual(['again'])
    stream.emit(EVENT)
    expect(heard).toEqual(['again', 'again', 'again'])
  })
})
