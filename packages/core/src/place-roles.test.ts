import { expect, test } from 'vitest'
import { OPERATOR, placeRoleArn, placeRoleName } from './place-roles.ts'

test.each([
  ['image-pushed', 'eu-west-1', 'arn:aws:iam::222222222222:role/capstan-spoke-eu-west-1-image-pushed'],
  [OPERATOR, 'cn-north-1', 'arn:aws-cn:iam::222222222222:role/capstan-spoke-cn-north-1-operator'],
  [
    'reconcile',
    'us-gov-west-1',
    'arn:aws-us-gov:iam::222222222222:role/capstan-spoke-us-gov-west-1-reconcile',
  ],
])('the role of %s in %s', (who, region, arn) => {
  expect(placeRoleArn(placeRoleName(who), { account: '222222222222', region })).toBe(arn)
})
