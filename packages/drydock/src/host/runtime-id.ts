/** The id that a container runtime would give a container. */
import { createHash } from 'node:crypto'

/**
 * The runtime id of a task's container in the form that Fargate uses: the task's id, a hyphen and ten digits. The same
 * for the same container, so that runs on a virtual clock can be compared.
 */
export function runtimeIdOf(taskArn: string, container: string): string {
  const digits = createHash('sha256').update(`${taskArn}/${container}`).digest().readUInt32BE()
  return `${taskIdOf(taskArn)}-${String(digits).padStart(10, '0')}`
}

/** The last part of a task's ARN. */
export function taskIdOf(taskArn: string): string {
  return taskArn.slice(taskArn.lastIndexOf('/') + 1)
}
