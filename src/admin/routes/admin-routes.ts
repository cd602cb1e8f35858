import type { Route } from '../route.ts'
import { descriptionRoutes } from './description-routes.ts'
import { entryRoutes } from './entry-routes.ts'
import { figureRoutes } from './figure-routes.ts'
import { invalidationRoutes } from './invalidation-routes.ts'
import { jobRoutes } from './job-routes.ts'
import { queueRoutes } from './queue-routes.ts'
import { sessionRoutes } from './session-routes.ts'
import { switchRoutes } from './switch-routes.ts'
import { watchRoutes } from './watch-routes.ts'

/** Every route of the API: the router, the OpenAPI document and the tests go by this list. */
export const adminRoutes: readonly Route[] = [
  ...figureRoutes,
  ...entryRoutes,
  ...invalidationRoutes,
  ...jobRoutes,
  ...queueRoutes,
  ...switchRoutes,
  ...watchRoutes,
  ...sessionRoutes,
  ...descriptionRoutes,
]
