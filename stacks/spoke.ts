/** A spoke: what a place has for home's doors to deliver there. Its events go to home's bus; its roles are for home to take on. */
import { OPERATOR, placeRoleName } from '@capstan/core/place-roles.ts'
import { forwarded, permissionsElsewhere, rules } from '../functions/rules.ts'
import { createSpokeAlarms } from './alarms.ts'
import { componentOf, doorName } from './doors.ts'
import type { Spoke } from './places.ts'
import { FOURTEEN_DAYS } from './queues.ts'
import { type Statement, statementOf } from './statements.ts'
import { allowEvents, RETRY } from './triggers.ts'

/** Where a spoke is made. */
interface Here {
  readonly account: string
  readonly region: string
  readonly partition: string
}

/** One who may take a role on, as statements of policies name it. */
interface Trusted {
  readonly principal: { readonly type: 'AWS' | 'Service'; readonly identifiers: string[] }
  readonly conditions: { readonly test: string; readonly variable: string; readonly values: string[] }[]
}

/** Makes it; returns what a person is told at the end. Throws where it would be made elsewhere than the config file says. */
export async function createSpoke(spoke: Spoke): Promise<Record<string, $util.Output<string>>> {
  const here = await whereThisIs(spoke)
  for (const rule of rules) {
    const trusted = trustedDoor(spoke, here, doorName(spoke.home.stage, rule))
    const statements = permissionsElsewhere(rule).map((one) => statementOf(one))
    createRole(componentOf(rule), rule.door, here, trusted, statements)
  }
  const ofAnyDoor = [...new Set(rules.flatMap(permissionsElsewhere))].map((one) => statementOf(one))
  // Which of its people may take it on is for home's account to say, by their policies.
  createRole('Operator', OPERATOR, here, { principal: accountOfHome(spoke, here), conditions: [] }, ofAnyDoor)
  return forwardEvents(spoke, here)
}

async function whereThisIs({ place }: Spoke): Promise<Here> {
  const [{ accountId: account }, { region }, { partition }] = await Promise.all([
    aws.getCallerIdentity(),
    aws.getRegion(),
    aws.getPartition(),
  ])
  if (account === place.account && region === place.region) return { account, region, partition }
  throw new Error(
    `The place ${place.name} is ${place.region} of ${place.account}, and this is ${region} of ${account}. Set AWS_PROFILE and AWS_REGION.`,
  )
}

const accountOfHome = ({ home }: Spoke, { partition }: Here): Trusted['principal'] => ({
  type: 'AWS',
  identifiers: [`arn:${partition}:iam::${home.account}:root`],
})

/**
 * One role of home's account. A condition names it: as a principal it would have to be there already, and would no longer be trusted
 * once it was made anew (IAM User Guide, AWS JSON policy elements: Principal).
 */
const trustedDoor = (spoke: Spoke, here: Here, roleName: string): Trusted => ({
  principal: accountOfHome(spoke, here),
  conditions: [
    {
      test: 'ArnEquals',
      variable: 'aws:PrincipalArn',
      values: [`arn:${here.partition}:iam::${spoke.home.account}:role/${roleName}`],
    },
  ],
})

function createRole(
  component: string,
  who: string,
  { region }: Here,
  { principal, conditions }: Trusted,
  statements: Statement[],
): aws.iam.Role {
  const trust = aws.iam.getPolicyDocumentOutput({
    statements: [{ actions: ['sts:AssumeRole'], principals: [principal], conditions }],
  })
  const policy = aws.iam.getPolicyDocumentOutput({ statements })
  return new aws.iam.Role(`${component}Role`, {
    name: placeRoleName(who).replace('{region}', region),
    assumeRolePolicy: trust.json,
    inlinePolicies: [{ name: 'permissions', policy: policy.json }],
    managedPolicyArns: [],
  })
}

/** One rule for all events of all doors, so that each event is forwarded once; home's bus has a rule for each door. */
function forwardEvents({ home, place }: Spoke, here: Here): Record<string, $util.Output<string>> {
  const name = `${$app.name}-spoke`
  const ruleArn = `arn:${here.partition}:events:${here.region}:${here.account}:rule/${name}`
  const rule = new aws.cloudwatch.EventRule('ForwardRule', {
    name,
    description: `What Capstan in the stage ${home.stage} is to know of the place ${place.name}`,
    eventPattern: JSON.stringify(forwarded),
  })
  const deadLetters = new aws.sqs.Queue('DeadLetters', {
    name: `${$app.name}-${$app.stage}-dead-letters`,
    messageRetentionSeconds: FOURTEEN_DAYS,
    sqsManagedSseEnabled: true,
  })
  const allowed = allowEvents('DeadLettersPolicy', deadLetters, [rule.arn])
  const role = createRole('Forward', 'events', here, trustedRule(ruleArn, here.account), [
    { actions: ['events:PutEvents'], resources: [home.busArn] },
  ])
  new aws.cloudwatch.EventTarget(
    'ForwardTarget',
    {
      rule: rule.name,
      targetId: 'home',
      arn: home.busArn,
      roleArn: role.arn,
      deadLetterConfig: { arn: deadLetters.arn },
      retryPolicy: RETRY.event,
    },
    { dependsOn: [allowed] },
  )
  const topic = createSpokeAlarms(rule.name, deadLetters.name)
  return { CAPSTAN_DEAD_LETTER_QUEUE_URL: deadLetters.url, alarms: topic.arn }
}

/** EventBridge on behalf of one rule, and of no other account's (IAM User Guide, the confused deputy problem). */
const trustedRule = (ruleArn: string, account: string): Trusted => ({
  principal: { type: 'Service', identifiers: ['events.amazonaws.com'] },
  conditions: [
    { test: 'ArnEquals', variable: 'aws:SourceArn', values: [ruleArn] },
    { test: 'StringEquals', variable: 'aws:SourceAccount', values: [account] },
  ],
})
