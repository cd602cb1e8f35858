/** The handler has said nothing of what is kept, so that stays as it is. */
export class HandlerFailure extends Error {}
