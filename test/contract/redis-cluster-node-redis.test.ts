/** The suites of the shared tier and of several instances on a Redis cluster, with node-redis 6. */

import { drivers } from '../servers/redis-drivers.ts'
import { describeCluster } from './describe-cluster.ts'

for (const driver of drivers) if (driver.driver === 'node-redis 6') describeCluster(driver)
