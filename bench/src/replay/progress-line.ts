/** How far a replay is: a bar that is drawn over itself on a terminal, a line now and then elsewhere. */

export interface ProgressLine {
  /** `total` is `Infinity` where nobody knows it. */
  readonly show: (done: number, total: number, note: string) => void
  /** Something else comes next, or nothing. */
  readonly end: () => void
}

export interface ProgressOutput {
  readonly isTTY?: boolean
  write(text: string): unknown
}

const barWidth = 30
/** Without a terminal: a line each time this share more is done. */
const plainStep = 0.1
/** On a terminal: time between two drawings, in milliseconds. */
const redrawMs = 80

/** Draws on `output`; `now` is in milliseconds. */
export function progressLine(output: ProgressOutput, now: () => number): ProgressLine {
  return output.isTTY === true ? drawnBar(output, now) : plainLines(output)
}

function drawnBar(output: ProgressOutput, now: () => number): ProgressLine {
  let drawnAt = Number.NEGATIVE_INFINITY
  return {
    show: (done, total, note) => {
      if (done < total && now() - drawnAt < redrawMs) return
      drawnAt = now()
      output.write(`\r\u001B[K${bar(done / total)}${sentence(done, total, note)}`)
    },
    end: () => output.write('\r\u001B[K'),
  }
}

/** Nothing where the share is 0 because nobody knows the end. */
function bar(share: number): string {
  const filled = Math.round(barWidth * share)
  return share === 0 ? '' : `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} `
}

function plainLines(output: ProgressOutput): ProgressLine {
  let next = plainStep
  return {
    show: (done, total, note) => {
      if (done / total < next) return
      next = Math.floor(done / total / plainStep + 1) * plainStep
      output.write(`${sentence(done, total, note)}\n`)
    },
    end: () => {
      next = plainStep
    },
  }
}

function sentence(done: number, total: number, note: string): string {
  const soFar = done.toLocaleString('en')
  if (total === Number.POSITIVE_INFINITY) return `${soFar}  ${note}`
  const percent = Math.floor((100 * done) / total)
  return `${`${percent} %`.padStart(5)}  ${soFar} of ${total.toLocaleString('en')}  ${note}`
}
