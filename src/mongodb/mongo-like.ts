/** What of a collection of the `mongodb` driver is used. The driver's `Collection` is one. */

export interface MongoLike {
  find(filter: object, options: object): { toArray(): Promise<object[]> }
  bulkWrite(operations: readonly object[], options: object): Promise<unknown>
  /** Asked where the key is another field than `_id`. */
  indexes(): Promise<object[]>
}

/** A document as it is read and written: fields by name. */
export type MongoDocument = Readonly<Record<string, unknown>>
