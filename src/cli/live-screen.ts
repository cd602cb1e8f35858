/**
 * A terminal that shows one picture after the other, in plain ANSI: the alternate screen, so that what stood
 * there comes back, and each line written over the one before, so that nothing flickers.
 */

import type { CommandOutput } from './command.ts'
import { plainText } from './plain-text.ts'
import type { TickLine, Tone } from './tick.ts'

const ESC = '\u001b['
const ENTER = `${ESC}?1049h${ESC}?25l`
const LEAVE = `${ESC}?25h${ESC}?1049l`
const HOME = `${ESC}H`
const REST_OF_LINE = `${ESC}K`
const REST_OF_SCREEN = `${ESC}J`

const TONES: Readonly<Record<Tone, string>> = {
  plain: '',
  title: '1',
  dim: '2',
  good: '32',
  warn: '33',
  bad: '31',
}

export class LiveScreen {
  readonly #output: CommandOutput
  #isEntered = false

  /** `output` has a terminal. */
  constructor(output: CommandOutput) {
    this.#output = output
  }

  /** What does not fit is left out, never wrapped: a picture that scrolls cannot be written over. */
  async show(lines: readonly TickLine[]): Promise<void> {
    const size = this.#output.terminal?.size() ?? { columns: 80, rows: 24 }
    const fitting = lines.slice(0, Math.max(1, size.rows - 1))
    const picture = fitting.map((line) => `${this.#toned(line, size.columns)}${REST_OF_LINE}\r\n`)
    const before = this.#isEntered ? HOME : `${ENTER}${HOME}`
    this.#isEntered = true
    await this.#output.out(`${before}${picture.join('')}${REST_OF_SCREEN}`)
  }

  /** Gives the terminal back, with the last picture standing in it. Safe where nothing was shown. */
  async leave(last: readonly TickLine[]): Promise<void> {
    if (!this.#isEntered) return
    this.#isEntered = false
    await this.#output.out(`${LEAVE}${last.map(({ text }) => `${plainText(text)}\n`).join('')}`)
  }

  #toned({ text, tone = 'plain' }: TickLine, columns: number): string {
    const shown = plainText(text).slice(0, columns)
    const code = TONES[tone]
    if (code === '' || this.#output.terminal?.colours !== true) return shown
    return `${ESC}${code}m${shown}${ESC}0m`
  }
}
