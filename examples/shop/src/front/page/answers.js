/** The list of who answered, the latest first. */

import { element, show } from './element.js'

const ANSWERS_MAX = 12

/**
 * @param {string} asked
 * @param {string} tier Gives it its colour.
 * @param {string} words
 */
export function tell(asked, tier, words) {
  const answers = element('answers')
  const [latest] = answers.children
  // The same again and again is one line, which goes on telling how it is now.
  if (latest?.firstElementChild?.textContent === asked) latest.remove()
  answers.prepend(show('li', [show('code', asked), show('span', words, tier)]))
  while (answers.children.length > ANSWERS_MAX) answers.lastElementChild?.remove()
}
