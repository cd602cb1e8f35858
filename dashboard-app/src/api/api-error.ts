/** What the admin API answered instead of what was asked for, in words for the person who asked. */

export class ApiError extends Error {
  /** Of HTTP; 0: nothing has answered. */
  readonly status: number
  readonly code: string
  /** The field of the request that cannot work; empty where none is named. */
  readonly field: string

  constructor(status: number, code: string, message: string, field = '') {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.field = field
  }
}
