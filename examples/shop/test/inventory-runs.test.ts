/**
 * Concurrent reserve, restore and order over three instances, one of which is killed under them.
 * `npm run inventory` plays a thousand of these.
 */

import { expect, test } from 'vitest'
import { playCampaign } from './inventory-runs/campaign.ts'
import { SITES } from './inventory-runs/site.ts'

test.each(SITES)(
  'on %s, stock and orders agree whoever was killed, and there is never less than nothing',
  async (site) => {
    const report = await playCampaign({ site, runs: 5 })
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({ runs: 5, kills: 1 })
    // It was about something: many were lucky, many were not, and some were never answered.
    for (const count of [report.done, report.refused, report.ordered, report.again]) {
      expect(count).toBeGreaterThan(0)
    }
  },
  180_000,
)
