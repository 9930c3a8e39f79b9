import * as ec2 from '@aws-sdk/client-ec2'
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2'
import * as sns from '@aws-sdk/client-sns'
import { NormalizedSchema } from '@smithy/core/schema'
import { expect, test } from 'vitest'
import { readQuery } from './query.ts'

const of = ([, , , , input]: typeof elbv2.CreateRule$) => NormalizedSchema.of(input)
const parameters = (text: string) => new URLSearchParams(text)

test.each<[string, NormalizedSchema, string, boolean, unknown]>([
  [
    'scalars',
    of(elbv2.CreateTargetGroup$),
    'Name=a%26b&Port=80&HealthCheckEnabled=false',
    false,
    { Name: 'a&b', Port: 80, HealthCheckEnabled: false },
  ],
  [
    'a list in any order and with gaps',
    of(elbv2.DescribeTargetGroups$),
    'Names.member.10=c&Names.member.2=b&Names.member.1=a',
    false,
    { Names: ['a', 'b', 'c'] },
  ],
  ['an empty list, as botocore sends it', of(elbv2.DescribeTargetGroups$), 'Names=', false, { Names: [] }],
  [
    'structures in lists',
    of(elbv2.AddTags$),
    'Tags.member.1.Key=k&Tags.member.1.Value=',
    false,
    { Tags: [{ Key: 'k', Value: '' }] },
  ],
  [
    'a map',
    of(sns.CreateTopic$),
    'Attributes.entry.1.key=a&Attributes.entry.1.value=b',
    false,
    { Attributes: { a: 'b' } },
  ],
  [
    "EC2's names and flat lists",
    of(ec2.DescribeVpcs$),
    'VpcId.1=v&Filter.1.Name=n&Filter.1.Value.1=a&DryRun=true',
    true,
    { VpcIds: ['v'], Filters: [{ Name: 'n', Values: ['a'] }], DryRun: true },
  ],
  [
    'what is not of its type, left for validation',
    of(elbv2.CreateTargetGroup$),
    'Port=many&HealthCheckEnabled=1',
    false,
    { Port: 'many', HealthCheckEnabled: '1' },
  ],
  [
    'members that nobody knows',
    of(elbv2.CreateTargetGroup$),
    'Nope.member.1=x&Action=CreateTargetGroup',
    false,
    {},
  ],
])('%s', (_label, schema, text, isEc2, input) => {
  expect(readQuery(schema, parameters(text), isEc2)).toEqual(input)
})
