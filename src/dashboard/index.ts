/** Door of `tiercel/dashboard`. */

export {
  type DashboardAsset,
  type DashboardAssets,
  type DashboardOptions,
  dashboardAssets,
} from './dashboard-assets.ts'
