import { expect, test } from 'vitest'
import { embeddedMetrics } from './embedded-metrics.ts'

const directive = {
  Namespace: 'Shop',
  Dimensions: [['service'], []],
  Metrics: [{ Name: 'Orders', Unit: 'Count' }],
}
const document = (overrides: object = {}, ...directives: object[]) =>
  JSON.stringify({
    _aws: { Timestamp: 5000, CloudWatchMetrics: directives.length ? directives : [directive] },
    ...{ service: 'web', Orders: 3 },
    ...overrides,
  })
const orders = { name: 'Orders', at: 5000, unit: 'Count', resolution: 60, samples: [{ value: 3 }] }

test('a document is one metric for each set of dimensions', () => {
  expect(embeddedMetrics(document())).toEqual([
    {
      ...{ kind: 'metrics', namespace: 'Shop' },
      metrics: [
        { ...orders, dimensions: { service: 'web' } },
        { ...orders, dimensions: {} },
      ],
    },
  ])
})

test('Lambda’s own fields before it, several values, a finer resolution and another time are read', () => {
  const fine = { ...directive, Dimensions: [[]], Metrics: [{ Name: 'Orders', StorageResolution: 1 }] }
  const text = `2026-01-01T00:00:00.000Z\tid\tINFO\t${document({ Orders: [1, 2] }, fine)}`
  const samples = [{ value: 1 }, { value: 2 }]
  expect(embeddedMetrics(text, 1000)).toEqual([
    {
      ...{ kind: 'metrics', namespace: 'Shop' },
      metrics: [{ name: 'Orders', dimensions: {}, at: 6000, resolution: 1, samples }],
    },
  ])
})

test.each([
  ['is a line of a log', '{"level":"INFO","message":"_aws"}'],
  ['is cut off', document().slice(0, -1)],
  ['has no time', JSON.stringify({ _aws: { CloudWatchMetrics: [directive] }, service: 'web', Orders: 3 })],
  ['has no namespace', document({}, { ...directive, Namespace: '' })],
  [
    'names a dimension that is no text',
    document({ service: 7 }, { ...directive, Dimensions: [['service']] }),
  ],
  ['names a metric that is no number', document({ Orders: '3' })],
  ['has more values than may be', document({ Orders: Array.from({ length: 101 }, () => 1) })],
  ['has a list of nothing', document({}, { ...directive, Metrics: 'Orders' })],
])('what %s measures nothing', (_name, text) => {
  expect(embeddedMetrics(text)).toEqual([])
})
