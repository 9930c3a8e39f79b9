/** Ids of Availability Zones. */
import { expect, test } from 'vitest'
import { zoneId } from './zones.ts'

test.each([
  ['us-east-1', 'use1-az1'],
  ['eu-central-1', 'euc1-az1'],
  ['ap-southeast-2', 'apse2-az1'],
  ['us-gov-west-1', 'usgw1-az1'],
  ['me-south-1', 'mes1-az1'],
])('the first zone of %s is %s', (region, expected) => {
  expect(zoneId(region, 0)).toBe(expected)
})
