/** How a cache is, with what to do about it. */

import type { Health } from '../index.ts'
import { duration } from './figures.ts'
import { plainText } from './plain-text.ts'

/** `now`: epoch milliseconds, for how long it has been so. */
export function healthLines({ state, reasons }: Health, now: number): readonly string[] {
  return [
    `health     ${state}`,
    ...reasons.flatMap(({ state: severity, pattern, message, cure, since }) => {
      const where = pattern === '*' ? '' : `${pattern}: `
      const words = [`  ${severity}  ${where}${message} (for ${duration(now - since)})`]
      return (cure === '' ? words : [...words, `    ${cure}`]).map(plainText)
    }),
  ]
}
