/** The door `tiercel/mongodb`: collections of MongoDB as stores. */

export { type MongoCollectionOptions, mongoCollection } from './mongo-collection.ts'
export type { MongoDocument, MongoLike } from './mongo-like.ts'
export type { MongoWriteConcern } from './write-concern.ts'
