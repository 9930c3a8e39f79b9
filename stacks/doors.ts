/** The doors: one function for each row of rules.ts, with a role that may do what the row says. */
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

/** Makes the functions, none of which anything wakes yet. */
export function createDoors(ledger: sst.aws.Dynamo, queues: Queues): Door[] {
  return rules.map((rule) => {
    const name = `${$app.name}-${$app.stage}-${rule.door}`
    return { rule, name, function: createFunction(rule, name, ledger, queues) }
  })
}

/** `image-pushed` as sst wants the names of components: `ImagePushed`. */
export const componentOf = ({ door }: Rule): string =>
  door.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())

function createFunction(rule: Rule, name: string, ledger: sst.aws.Dynamo, queues: Queues): sst.aws.Function {
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
    environment: variablesOf(rule, ledger, queues),
    permissions: statementsOf(rule, ledger, queues, logGroupArn),
    // Consoles on top of CloudWatch Logs pair lines and find errors in Lambda's text format only.
    logging: { format: 'text', retention: $app.stage === 'production' ? '3 months' : '1 month' },
    // A door is woken by an account's events, which are no single developer's to answer.
    dev: false,
    ...(!hasQueue(rule) && { retries: rule.retries }),
    transform: {
      function: {
        tracingConfig: { mode: 'Active' },
        ...(!hasQueue(rule) && { deadLetterConfig: { targetArn: queues.deadLetters.arn } }),
      },
      // Left to itself, sst lets every principal of the account assume the role, and write to every log group.
      role: {
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
function variablesOf({ permissions }: Rule, ledger: sst.aws.Dynamo, { deadLetters, discovery }: Queues) {
  const sends = permissions.some(({ resource }) => resource === 'discovery-queue')
  return {
    CAPSTAN_LEDGER_TABLE: ledger.name,
    CAPSTAN_DEAD_LETTER_QUEUE_URL: deadLetters.url,
    ...(sends && { CAPSTAN_DISCOVERY_QUEUE_URL: discovery.url }),
  }
}
