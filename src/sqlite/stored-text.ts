/**
 * Text as the tier's file holds it: every string of JavaScript, and no two as the same.
 *
 * SQLite's text is UTF-8 and some of its functions end it at the first NUL, so what does not survive
 * that is stored as JSON behind a mark; text that begins with the mark is stored so too.
 */

/** A character that Unicode will never assign. */
const MARK = '\u{10FFFF}'

export function storedText(text: string): string {
  const plain = text.isWellFormed() && !text.includes('\0') && !text.startsWith(MARK)
  return plain ? text : MARK + JSON.stringify(text)
}

/** `undefined` for what `storedText` has not made. */
export function originalText(stored: unknown): string | undefined {
  if (typeof stored !== 'string') return undefined
  if (!stored.startsWith(MARK)) return stored
  try {
    const text: unknown = JSON.parse(stored.slice(MARK.length))
    return typeof text === 'string' ? text : undefined
  } catch {
    return undefined
  }
}

/** Many texts as one parameter, for `json_each`. */
export function storedTexts(texts: readonly string[]): string {
  return JSON.stringify(texts.map(storedText))
}
