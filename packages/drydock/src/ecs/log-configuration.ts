/** The log driver awslogs: what its options may be, and where a container's output goes by them. */
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { LogDestination } from './effects.ts'
import { clientError } from './errors.ts'

/** Developer Guide, LogConfiguration: the drivers of Fargate. Instances have whatever their agent is told of. */
const DRIVERS_ON_FARGATE = ['awslogs', 'splunk', 'awsfirelens']
const REQUIRED_ON_FARGATE = ['awslogs-group', 'awslogs-region', 'awslogs-stream-prefix']
const REQUIRED_ON_EC2 = ['awslogs-group']
/** Options that are one of a few words (Developer Guide: using the awslogs log driver). */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  'awslogs-create-group': ['true', 'false'],
  mode: ['blocking', 'non-blocking'],
}

/** Throws ClientException for a driver that Fargate has not got, and options of awslogs that are missing or no choice. */
export function requireLogConfiguration(
  { name = '', logConfiguration }: ContainerDefinition,
  isFargate: boolean,
): void {
  if (!logConfiguration) return
  const { logDriver = '' } = logConfiguration
  if (isFargate && !DRIVERS_ON_FARGATE.includes(logDriver))
    throw clientError(
      `${logDriver} is not a valid log driver. Must be one of [${DRIVERS_ON_FARGATE.join(',')}]`,
    )
  if (logDriver !== 'awslogs') return
  const options = logConfiguration.options ?? {}
  const missing = (isFargate ? REQUIRED_ON_FARGATE : REQUIRED_ON_EC2).filter((option) => !options[option])
  if (missing.length) throw clientError(`Log driver awslogs requires options: ${missing.join(', ')}`)
  for (const [option, choices] of Object.entries(CHOICES)) {
    const value = options[option]
    if (value === undefined || choices.includes(value)) continue
    throw clientError(
      `Invalid '${option}' setting for container '${name}': it must be one of ${choices.join(', ')}.`,
    )
  }
}

/** Where a container's output goes; undefined unless by awslogs. Streams are `prefix/container/task-id`. */
export function logsOf(
  { name = '', logConfiguration }: ContainerDefinition,
  taskId: string,
  region: string,
): LogDestination | undefined {
  const { logDriver, options = {} } = logConfiguration ?? {}
  const group = options['awslogs-group']
  if (logDriver !== 'awslogs' || !group) return undefined
  const prefix = options['awslogs-stream-prefix']
  return {
    group,
    ...(prefix && { stream: `${prefix}/${name}/${taskId}` }),
    region: options['awslogs-region'] || region,
    createsGroup: options['awslogs-create-group'] === 'true',
  }
}
