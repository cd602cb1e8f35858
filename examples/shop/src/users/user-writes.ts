/** Registers, changes and removes users. The routes call it. */

import { ConflictError } from 'tiercel'
import { nextId } from '../database/next-id.ts'
import type { Source } from '../database/source.ts'
import { RequestError } from '../server/request-error.ts'
import { COUNTRIES, type Customers } from './customers.ts'
import { noUser } from './no-user.ts'
import type { User, UserDraft } from './people.ts'
import { userTags } from './user-tags.ts'

export class UserWrites {
  readonly #customers: Customers
  readonly #source: Source

  constructor(customers: Customers, source: Source) {
    this.#customers = customers
    this.#source = source
  }

  /**
   * Answers the new user, with the id that the shop gave. The welcome page is in the cache by then.
   *
   * @throws RequestError with 400 for a country that the shop does not deliver to; what the source throws.
   */
  async register(draft: UserDraft): Promise<User> {
    await this.#checkCountry(draft)
    const now = Date.now()
    const id = await nextId(this.#source, 'user')
    const user = { id, ...draft, registeredAt: now, lastLoginAt: now }
    const { users, welcomes } = this.#customers
    await users.create(id, user, { invalidateTags: userTags.staleAfterRegister })
    // Somebody may have asked for this id before it was given; "there is none" carries no tag.
    await welcomes.delete(id)
    // The user is registered, whatever becomes of this: who asks for the page then, loads it.
    await welcomes.get(id).catch(() => undefined)
    return user
  }

  /** Answers the user as the source has it afterwards. @throws RequestError with 400 or 404. */
  async put(id: number, draft: UserDraft): Promise<User> {
    await this.#checkCountry(draft)
    const { users } = this.#customers
    const old = await this.#current(id)
    try {
      await users.put(id, { ...old, ...draft }, { invalidateTags: [userTags.user(id)] })
    } catch (error) {
      if (error instanceof ConflictError) throw new RequestError(404, noUser('id', id))
      throw error
    }
    return await this.#current(id)
  }

  /** Ends the sessions too; orders stay. @throws RequestError with 404. */
  async remove(id: number): Promise<void> {
    await this.#current(id)
    await this.#customers.users.remove(id, { invalidateTags: userTags.staleAfterRemove(id) })
  }

  async #current(id: number): Promise<User> {
    const reading = await this.#customers.users.read(id)
    if (!reading.found) throw new RequestError(404, noUser('id', id))
    return reading.value
  }

  async #checkCountry({ countryCode }: UserDraft): Promise<void> {
    const countries = await this.#customers.countries.get(COUNTRIES)
    if (countries?.some(({ code }) => code === countryCode)) return
    throw new RequestError(400, {
      field: 'countryCode',
      message: `The shop does not deliver to ${countryCode}.`,
    })
  }
}
