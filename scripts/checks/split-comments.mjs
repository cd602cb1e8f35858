/** Tells code from comments, for the checks that read sources as text. */

const commentOrString =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g

/**
 * A `//` inside a string or a template belongs to the code.
 *
 * @param {string} source TypeScript or JavaScript.
 * @returns {{ code: string, comments: string }} In `code`, spaces stand where comments stood.
 */
export function splitComments(source) {
  let comments = ''
  const code = source.replace(commentOrString, (found) => {
    if (!found.startsWith('/')) return found
    comments += `${found}\n`
    return found.replace(/[^\n]/g, ' ')
  })
  return { code, comments }
}
