/** Why something failed, in words of this room: safe to show as they stand. */

export class Fault extends Error {
  override readonly name = 'Fault'
}
