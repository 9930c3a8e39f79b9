/** The doors: one function for each row of rules.ts, with a role that may do what the row says. */
import { placeRoleName } from '@capstan/core/place-roles.ts'
import type { Place } from '@capstan/core/places.ts'
import { type Rule, rules } from '../functions/rules.ts'
import { BUNDLING } from './bundling.ts'
import type { Queues } from './queues.ts'
import { statementsOf } from './statements.ts'

export interface Door {
  readonly rule: Rule
  readonly function: sst.aws.Function
  /** The function's name, which is its rule's as well. */
  readonly name: string
}

/** What doors use: what is made for all of them, and the places that they are let into. */
export interface Surroundings {
  readonly ledger: sst.aws.Dynamo
  readonly queues: Queues
  readonly places: readonly Place[]
}

/** Makes the functions, none of which anything wakes yet. */
export function createDoors(around: Surroundings): Door[] {
  return rules.map((rule) => {
    const name = doorName($app.stage, rule)
    return { rule, name, function: createFunction(rule, name, around) }
  })
}

/** The name of a door's function at home, and of its role where there are other places: they trust it by its name. */
export const doorName = (stage: string, { door }: Rule): string => `${$app.name}-${stage}-${door}`

/** `image-pushed` as sst wants the names of components: `ImagePushed`. */
export const componentOf = ({ door }: Rule): string =>
  door.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())

function createFunction(rule: Rule, name: string, around: Surroundings): sst.aws.Function {
  const { deadLetters } = around.queues
  const { accountId } = aws.getCallerIdentityOutput()
  const { region } = aws.getRegionOutput()
  const { partition } = aws.getPartitionOutput()
  const logGroupArn = $interpolate`arn:${partition}:logs:${region}:${accountId}:log-group:/aws/lambda/${name}`
  return new sst.aws.Function(componentOf(rule), {
    name,
    description: rule.description,
    handler: `functions/${rule.door}.handler`,
    runtime: 'nodejs24.x',
    architecture: 'arm64',
    memory: '256 MB',
    timeout: `${rule.timeoutSeconds} seconds`,
    nodejs: BUNDLING,
    environment: variablesOf(rule, around),
    permissions: statementsOf(rule, around, logGroupArn),
    // Consoles on top of CloudWatch Logs pair lines and find errors in Lambda's text format only.
    logging: { format: 'text', retention: $app.stage === 'production' ? '3 months' : '1 month' },
    // A door is woken by an account's events, which are no single developer's to answer.
    dev: false,
    ...(!hasQueue(rule) && { retries: rule.retries }),
    transform: {
      function: {
        tracingConfig: { mode: 'Active' },
        ...(!hasQueue(rule) && { deadLetterConfig: { targetArn: deadLetters.arn } }),
      },
      // Left to itself, sst lets every principal of the account assume the role, and write to every log group.
      role: {
        ...(around.places.length > 0 && { name }),
        assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: 'lambda.amazonaws.com' }),
        managedPolicyArns: [],
      },
    },
  })
}

/** A door that reads from a queue is called by Lambda itself, which sends back what failed; no other has a retry there. */
function hasQueue(rule: Rule): boolean {
  return 'pattern' in rule && rule.queue !== undefined
}

/** The variables that a door finds what it needs by (packages/aws/src/environment.ts). */
function variablesOf({ door, permissions }: Rule, { ledger, places, queues }: Surroundings) {
  const { deadLetters, discovery } = queues
  const sends = permissions.some(({ resource }) => resource === 'discovery-queue')
  return {
    CAPSTAN_LEDGER_TABLE: ledger.name,
    CAPSTAN_DEAD_LETTER_QUEUE_URL: deadLetters.url,
    ...(sends && { CAPSTAN_DISCOVERY_QUEUE_URL: discovery.url }),
    ...(places.length > 0 && { CAPSTAN_PLACE_ROLE: placeRoleName(door) }),
  }
}
