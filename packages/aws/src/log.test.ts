import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLog } from './log.ts'

const lines: string[] = []
beforeEach(() => {
  vi.stubEnv('POWERTOOLS_DEV', 'true')
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false')
  for (const method of ['log', 'warn'] as const)
    vi.spyOn(console, method).mockImplementation((line) => void lines.push(String(line)))
})
afterEach(() => {
  lines.length = 0
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

test('what is measured is written at once, by what it is told apart and all together', () => {
  const log = createLog()
  const metrics = [
    { name: 'Deployments', unit: 'Count', value: 1 },
    { name: 'PushToDeployed', unit: 'Seconds', value: 7.5 },
  ] as const
  log.measure([{ by: { service: 'prod/web' }, metrics }])
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [
          {
            Namespace: 'Capstan',
            Dimensions: [['service'], []],
            Metrics: [
              { Name: 'Deployments', Unit: 'Count' },
              { Name: 'PushToDeployed', Unit: 'Seconds' },
            ],
          },
        ],
      },
      ...{ service: 'prod/web', Deployments: 1, PushToDeployed: 7.5 },
    },
  ])
})

test('nothing of one is told of the next, and several values of a metric are one list', () => {
  const log = createLog()
  const lag = { name: 'DiscoveryLag', unit: 'Milliseconds' } as const
  log.measure([
    { by: { reason: 'held' }, metrics: [{ name: 'Skips', unit: 'Count', value: 1 }] },
    {
      metrics: [
        { ...lag, value: 40 },
        { ...lag, value: 50 },
      ],
    },
  ])
  const [skips, lags] = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(skips).toMatchObject({ reason: 'held', Skips: 1 })
  expect(lags).toMatchObject({
    _aws: { CloudWatchMetrics: [{ Dimensions: [[]], Metrics: [{ Name: 'DiscoveryLag' }] }] },
    DiscoveryLag: [40, 50],
  })
  expect(lags).not.toHaveProperty('reason')
})

test('where nothing is measured, nothing is written', () => {
  createLog().measure([])
  expect(lines).toEqual([])
})
