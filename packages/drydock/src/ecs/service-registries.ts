/** What CreateService and UpdateService may say of service registries (API Reference: ServiceRegistry). */
import type { ServiceRegistry, TaskDefinition } from '@aws-sdk/client-ecs'
import { parseArn } from '../arn.ts'
import type { RegistryFacts } from './effects.ts'
import { invalidParameter, unsupported } from './errors.ts'
import { requirePort } from './load-balancers.ts'
import type { RegistryUse } from './state.ts'

/**
 * The service registries of a service whose tasks have that definition: one at most. Throws InvalidParameterException
 * where they name no registry, both kinds of port, or a container or port that the definition does not have.
 */
export function parseRegistries(
  registries: readonly ServiceRegistry[],
  definition: TaskDefinition,
): RegistryUse[] {
  if (registries.length > 1) throw invalidParameter('A service can have at most 1 service registry.')
  return registries.map((each) => parseRegistry(each, definition))
}

function parseRegistry(
  { registryArn = '', port, containerName, containerPort }: ServiceRegistry,
  definition: TaskDefinition,
): RegistryUse {
  const arn = parseArn(registryArn)
  if (arn?.service !== 'servicediscovery' || !arn.resource.startsWith('service/'))
    throw invalidParameter(`The registry ARN '${registryArn}' is not that of a Cloud Map service.`)
  const hasContainer = containerName !== undefined || containerPort !== undefined
  if (port !== undefined && hasContainer) {
    throw invalidParameter(
      "Specify a value for either 'port' or the 'containerName' and 'containerPort' combination, but not both. " +
        'Remove one and retry.',
    )
  }
  if (port !== undefined && (port < 1 || port > 65_535))
    throw invalidParameter(`The port ${port} is not valid.`)
  if (!hasContainer) return { registryArn, ...(port !== undefined && { port }) }
  if (!containerName || containerPort === undefined)
    throw invalidParameter("Specify both 'containerName' and 'containerPort'.")
  requirePort(definition, containerName, containerPort)
  return { registryArn, containerName, containerPort }
}

/** Throws InvalidParameterException for registries that tasks of the definition cannot be registered in. */
export function requireRegistries(
  uses: readonly RegistryUse[],
  registries: Readonly<Record<string, RegistryFacts>>,
  { networkMode = 'bridge' }: TaskDefinition,
): void {
  for (const use of uses) {
    const facts = registries[use.registryArn]
    if (!facts) throw invalidParameter(`The service registry ${use.registryArn} does not exist.`)
    requireRecords(use, facts, networkMode)
  }
}

/** An SRV record needs a port, A records none; without addresses of their own, tasks need SRV (Developer Guide: service discovery). */
function requireRecords(use: RegistryUse, { recordTypes }: RegistryFacts, networkMode: string): void {
  if (recordTypes.includes('CNAME')) throw invalidParameter('A service registry needs A or SRV records.')
  if (recordTypes.includes('AAAA')) throw unsupported('A service registry with AAAA records')
  const hasOwnAddress = networkMode === 'awsvpc'
  if (recordTypes.includes('SRV')) {
    if (!hasOwnAddress && use.containerPort === undefined) {
      throw invalidParameter(
        "When specifying 'host' or 'bridge' for networkMode, values for 'containerName' and 'containerPort' must be " +
          'specified from the task definition.',
      )
    }
    if (use.containerPort === undefined && use.port === undefined)
      throw invalidParameter("An SRV record needs 'port', or 'containerName' and 'containerPort'.")
  } else if (recordTypes.includes('A')) {
    if (!hasOwnAddress)
      throw invalidParameter(`The network mode ${networkMode} needs a registry with SRV records.`)
    const wrong =
      use.port !== undefined ? 'port' : use.containerPort !== undefined ? 'containerPort' : undefined
    if (!wrong) return
    throw invalidParameter(
      `The values specified for serviceRegistries do not require a value for '${wrong}'. Remove the value and retry.`,
    )
  }
}
