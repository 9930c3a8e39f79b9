/** The one reader of the environment: what a door or the CLI needs to know before its first call, parsed once. */
import '@capstan/core/english.ts'
import { Failure } from '@capstan/core/failure.ts'
import * as z from 'zod/mini'

const schema = z.object({
  /** Region, as Lambda and the AWS CLI spell it. */
  AWS_REGION: z.exactOptional(z.string().check(z.minLength(1))),
  /** Calls go to the usual endpoints: whoever may not use these is told so, before one is. */
  AWS_USE_FIPS_ENDPOINT: z.exactOptional(z.literal('false', { error: 'Capstan calls no FIPS endpoints' })),
  /** Another place than AWS to send calls to: Drydock. */
  AWS_ENDPOINT_URL: z.exactOptional(z.url()),
  /** Name of the ledger's DynamoDB table. */
  CAPSTAN_LEDGER_TABLE: z._default(z.string().check(z.minLength(3), z.maxLength(255)), 'capstan-ledger'),
  /** Where events that cannot be handled are kept. Required by doors, not by the CLI. */
  CAPSTAN_DEAD_LETTER_QUEUE_URL: z.exactOptional(z.url()),
  /** Where a message is sent that lets discovery look again; without it the next sweep does. */
  CAPSTAN_DISCOVERY_QUEUE_URL: z.exactOptional(z.url()),
  /** The name of the role by which other places are called, with `{region}` where theirs goes (`place-roles.ts`). */
  CAPSTAN_PLACE_ROLE: z.exactOptional(z.string().check(z.minLength(1))),
  /** The function's name, as Lambda sets it. */
  AWS_LAMBDA_FUNCTION_NAME: z.exactOptional(z.string().check(z.minLength(1))),
})

export interface Environment {
  readonly region?: string
  readonly endpoint?: string
  readonly ledgerTable: string
  readonly deadLetterQueueUrl?: string
  readonly discoveryQueueUrl?: string
  readonly placeRole?: string
  readonly functionName: string
}

/**
 * Reads the variables of `variables`. A variable set to nothing counts as not set, as shells and IaC tools leave them.
 * Throws `Failure` INVALID_CONFIG that names each variable that is wrong.
 */
export function parseEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value))
  const parsed = schema.safeParse(set)
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
    throw new Failure('INVALID_CONFIG', `The environment is wrong (${wrong}). Correct these variables.`)
  }
  const { data } = parsed
  return {
    ...(data.AWS_REGION && { region: data.AWS_REGION }),
    ...(data.AWS_ENDPOINT_URL && { endpoint: data.AWS_ENDPOINT_URL }),
    ledgerTable: data.CAPSTAN_LEDGER_TABLE,
    ...(data.CAPSTAN_DEAD_LETTER_QUEUE_URL && { deadLetterQueueUrl: data.CAPSTAN_DEAD_LETTER_QUEUE_URL }),
    ...(data.CAPSTAN_DISCOVERY_QUEUE_URL && { discoveryQueueUrl: data.CAPSTAN_DISCOVERY_QUEUE_URL }),
    ...(data.CAPSTAN_PLACE_ROLE && { placeRole: data.CAPSTAN_PLACE_ROLE }),
    functionName: data.AWS_LAMBDA_FUNCTION_NAME ?? 'capstan',
  }
}

let environment: Environment | undefined

/** The process's own environment, parsed at the first call. Throws as `parseEnvironment` does. */
export function readEnvironment(): Environment {
  environment ??= parseEnvironment(process.env)
  return environment
}
