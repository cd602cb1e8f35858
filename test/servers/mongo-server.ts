/** The MongoDB server that `MONGODB_URL` names. None can be started here, so that it is somebody's own. */

import { randomUUID } from 'node:crypto'
import { type Collection, MongoClient } from 'mongodb'

/** Such as `mongodb://127.0.0.1:27017`; a database of a new name is made on it, and dropped. */
export const MONGODB_URL = process.env['MONGODB_URL'] || undefined

export interface MongoServer extends AsyncDisposable {
  /** Empty, with a unique index on `key`. */
  newCollection(key: string): Promise<Collection>
}

/** What is to be said of a run: a suite that was left out must not look like one that passed. */
export function toldOfMongo(url: string | undefined): string {
  return url === undefined
    ? 'The store suite was not run on a MongoDB server: MONGODB_URL is not set. Its operations were evaluated without one.'
    : 'The store suite is run on the MongoDB server of MONGODB_URL.'
}

export async function openMongo(url: string): Promise<MongoServer> {
  const client = await new MongoClient(url, { serverSelectionTimeoutMS: 5_000 }).connect()
  const db = client.db(`tiercel_${randomUUID()}`)
  let collections = 0
  return {
    async newCollection(key) {
      collections += 1
      const collection = db.collection(`sample ${collections}`)
      if (key !== '_id') await collection.createIndex({ [key]: 1 }, { unique: true })
      return collection
    },
    async [Symbol.asyncDispose]() {
      await db.dropDatabase()
      await client.close()
    },
  }
}
