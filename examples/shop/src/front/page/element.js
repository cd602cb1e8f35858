/** Elements of the page. Text is set as text alone: what a product is called is never read as HTML. */

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function element(id) {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`The page has no #${id}.`)
  return found
}

/**
 * @param {string} id
 * @returns {HTMLFormElement}
 */
export function form(id) {
  return /** @type {HTMLFormElement} */ (element(id))
}

/**
 * @param {string} name
 * @param {string | (string | Node)[]} content
 * @param {string} [className]
 */
export function show(name, content, className = '') {
  const made = document.createElement(name)
  made.append(...(typeof content === 'string' ? [content] : content))
  if (className !== '') made.className = className
  return made
}

/**
 * @param {string} words
 * @param {string} label For those who do not see what stands beside it.
 * @param {() => unknown} act
 */
export function button(words, label, act) {
  const made = document.createElement('button')
  made.type = 'button'
  made.textContent = words
  made.ariaLabel = label
  made.addEventListener('click', act)
  return made
}

/** @param {number} cents */
export function money(cents) {
  return (cents / 100).toLocaleString('en', { minimumFractionDigits: 2 })
}
