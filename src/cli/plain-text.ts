/**
 * Text of others, safe on a terminal: keys, tags and errors may hold anything, also sequences that
 * move the cursor, colour what follows, or turn the direction of writing.
 */
export function plainText(text: string): string {
  return text.toWellFormed().replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0
    return `\\u{${code.toString(16)}}`
  })
}
