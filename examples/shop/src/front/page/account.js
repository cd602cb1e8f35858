/** Who one is: registered on this page, and greeted. */

import { ask } from './ask.js'
import { element, form, show } from './element.js'
import { calm, complain } from './trouble.js'

const KEPT_AS = 'user'

/** @typedef {{ id: () => number | undefined, onKnown: (tell: () => void) => void }} User */

/** @returns {Promise<User>} */
export async function showAccount() {
  /** @type {number | undefined} */
  let id
  /** @type {(() => void)[]} */
  const listeners = []
  const know = async (/** @type {number} */ known) => {
    await greet(known)
    id = known
    sessionStorage.setItem(KEPT_AS, String(known))
    for (const tell of listeners) tell()
  }

  const { data } = await ask('/countries')
  const countries = form('registering')['countryCode']
  for (const { code, name } of data) countries.append(new Option(name, code))
  form('registering').addEventListener('submit', async (event) => {
    event.preventDefault()
    const draft = Object.fromEntries(new FormData(form('registering')))
    try {
      const user = await ask('/users', draft)
      await know(user.data.id)
      calm()
    } catch (error) {
      complain(error)
    }
  })
  const kept = sessionStorage.getItem(KEPT_AS)
  // Whoever is kept may be gone meanwhile, with the shop that knew them.
  if (kept !== null) await know(Number(kept)).catch(() => sessionStorage.removeItem(KEPT_AS))
  return { id: () => id, onKnown: (tell) => listeners.push(tell) }
}

/** @param {number} id */
async function greet(id) {
  const { data, cached } = await ask(`/users/${id}/welcome`)
  const from = cached ? 'This page was ready for you.' : 'This page was made for you just now.'
  element('welcome').replaceChildren(
    show('strong', `Welcome, ${data.name}!`),
    ` Your things go to ${data.country}. ${from}`,
  )
  form('registering').hidden = true
}
