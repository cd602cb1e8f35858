import { element } from './element.js'

/**
 * Says at the foot of the page what went wrong, until something goes well.
 *
 * @param {unknown} error
 */
export function complain(error) {
  element('trouble').textContent = error instanceof Error ? error.message : String(error)
}

export function calm() {
  element('trouble').textContent = ''
}
