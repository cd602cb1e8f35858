/** The door `tiercel/admin`: an HTTP API over one cache. */

export type {
  Admin,
  AdminAuditRecord,
  AdminOptions,
  AdminRole,
  DashboardAsset,
  DashboardAssets,
  RequestOrigin,
} from './admin-options.ts'
export type { AdminProblemCode } from './admin-problem.ts'
export { createAdmin } from './create-admin.ts'
export { adminListener, type NodeListener } from './node-listener.ts'
export type { PatternReport } from './pattern-report.ts'
export type { SeenInvalidation, SeenQueueEvent, SeenWarming } from './recent-activity.ts'
