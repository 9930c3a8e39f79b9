import fc from 'fast-check'
import { expect, test } from 'vitest'
import { classifyStop, type Stop } from './stops.ts'

function exit(code: number, reason?: string, essential = true): Stop['exits'][number] {
  return { container: 'app', essential, code, ...(reason !== undefined && { reason }) }
}

test.each<[string, string | undefined, string | undefined, Stop['exits'], string, string]>([
  ['Spot', 'SpotInterruption', 'Your Spot Task was interrupted.', [exit(137)], 'infrastructure', 'Spot'],
  ['a retirement', 'TerminationNotice', undefined, [exit(143)], 'infrastructure', 'host'],
  ['a sick host', 'InfrastructureHealth', undefined, [exit(137)], 'infrastructure', 'host'],
  ['a person', 'UserInitiated', 'Task stopped by user', [exit(143)], 'normal', 'on purpose'],
  ['a person with another word', 'UserInitiated', 'changed my mind', [exit(1)], 'normal', 'on purpose'],
  [
    'a forced deregistration',
    'UserInitiated',
    'Container instance deregistration forced by user',
    [],
    'infrastructure',
    'host',
  ],
  [
    'scaling',
    'ServiceSchedulerInitiated',
    'Scaling activity initiated by (deployment ecs-svc/1)',
    [exit(143)],
    'normal',
    'fewer',
  ],
  [
    'rebalancing',
    'ServiceSchedulerInitiated',
    'Service web stopped a task for availability zone rebalancing',
    [],
    'normal',
    'zone',
  ],
  [
    'failed health checks of a target group',
    'ServiceSchedulerInitiated',
    'Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/web/1)',
    [exit(143)],
    'application',
    'health checks',
  ],
  [
    'failed health checks of a classic load balancer',
    'ServiceSchedulerInitiated',
    'Task failed ELB health checks in (elb web)',
    [],
    'application',
    'health checks',
  ],
  [
    'failed health checks of a container',
    'ServiceSchedulerInitiated',
    'Task failed container health checks',
    [exit(137)],
    'application',
    'health checks',
  ],
  [
    'maintenance',
    'ServiceSchedulerInitiated',
    'Amazon ECS is performing maintenance on the underlying infrastructure hosting the task',
    [],
    'infrastructure',
    'host',
  ],
  [
    'a host that ended',
    'ServiceSchedulerInitiated',
    'Host EC2 (instance i-0abc) terminated.',
    [],
    'infrastructure',
    'host',
  ],
  [
    'what no one documents',
    'ServiceSchedulerInitiated',
    'for fun',
    [exit(1)],
    'unknown',
    'ECS says only "ServiceSchedulerInitiated: for fun"',
  ],
  [
    'a crash',
    'EssentialContainerExited',
    'Essential container in task exited',
    [exit(1)],
    'application',
    'app exited with 1',
  ],
  [
    'an end with 0',
    'EssentialContainerExited',
    'Essential container in task exited',
    [exit(0)],
    'application',
    'app exited with 0',
  ],
  [
    'a kill',
    'EssentialContainerExited',
    'Essential container in task exited',
    [exit(137)],
    'application',
    '137 (killed)',
  ],
  [
    'a segmentation fault',
    'EssentialContainerExited',
    undefined,
    [exit(139)],
    'application',
    '139 (segmentation fault)',
  ],
  [
    'the essential one of two',
    'EssentialContainerExited',
    undefined,
    [{ ...exit(0, undefined, false), container: 'init' }, exit(2)],
    'application',
    'app exited with 2',
  ],
  [
    'memory',
    'EssentialContainerExited',
    'Essential container in task exited',
    [exit(137, 'OutOfMemoryError: Container killed due to memory usage')],
    'application',
    'ran out of memory',
  ],
  [
    'a runtime that timed out',
    'EssentialContainerExited',
    undefined,
    [exit(255, 'ContainerRuntimeTimeoutError: Could not transition to running; timed out after waiting 1m')],
    'infrastructure',
    'runtime',
  ],
  [
    'no exit at all',
    'EssentialContainerExited',
    'Essential container in task exited',
    [],
    'application',
    'essential container exited',
  ],
  [
    'a pull that the container tells of',
    'TaskFailedToStart',
    'Task failed to start',
    [{ container: 'app', essential: true, reason: 'CannotPullContainerError: not found' }],
    'application',
    'could not be pulled',
  ],
  [
    'a runtime that does not stop',
    undefined,
    'CannotStopContainerError: failed sending SIGTERM to container',
    [],
    'infrastructure',
    'runtime',
  ],
  [
    'a failed start with an exit',
    'TaskFailedToStart',
    'Task failed to start',
    [exit(1)],
    'application',
    'exited with 1',
  ],
  [
    'a failed start without a word',
    'TaskFailedToStart',
    undefined,
    [],
    'unknown',
    'ECS says only "TaskFailedToStart"',
  ],
  ['a code from tomorrow', 'SomethingNew', undefined, [], 'unknown', 'SomethingNew'],
  ['nothing', undefined, undefined, [], 'unknown', 'ECS does not say why'],
])('%s', (_, stopCode, stoppedReason, exits, kind, what) => {
  const found = classifyStop({
    ...(stopCode !== undefined && { stopCode }),
    ...(stoppedReason !== undefined && { stoppedReason }),
    exits,
  })
  expect(found.kind).toBe(kind)
  expect(found.what).toContain(what)
})

test.each<[string, string, string]>([
  [
    'CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 1.dkr.ecr.us-east-1.amazonaws.com/web@sha256:ab: not found',
    'application',
    'could not be pulled',
  ],
  ['CannotPullContainerError: manifest unknown', 'application', 'could not be pulled'],
  ['CannotPullContainerError: invalid reference format', 'application', 'could not be pulled'],
  [
    'CannotPullContainerError: pull access denied for web, repository does not exist or may require docker login',
    'application',
    'could not be pulled',
  ],
  [
    "CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/amd64'",
    'application',
    'another platform',
  ],
  [
    'CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref web:1: failed to do request: dial tcp 1.2.3.4:443: i/o timeout',
    'infrastructure',
    'could not be reached',
  ],
  [
    'CannotPullContainerError: context canceled: request canceled while waiting for connection',
    'infrastructure',
    'could not be reached',
  ],
  [
    'CannotPullContainerError: inspect image has been retried 5 time(s): toomanyrequests: You have reached your pull rate limit',
    'infrastructure',
    'could not be reached',
  ],
  [
    'CannotPullContainerError: failed to register layer: no space left on device',
    'infrastructure',
    'could not be reached',
  ],
  [
    'CannotPullECRContainerError: AccessDeniedException: User is not authorized',
    'infrastructure',
    'could not be reached',
  ],
  [
    'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed',
    'infrastructure',
    'set up',
  ],
  ['ResourceInitializationError: failed to validate logger args: signal: killed', 'infrastructure', 'set up'],
  [
    'CannotStartContainerError: Error response from daemon: failed to initialize logging driver: CredentialsEndpointError',
    'infrastructure',
    'set up',
  ],
  [
    'CannotStartContainerError: exec: "/app": executable file not found in $PATH',
    'application',
    'could not be started',
  ],
  ['CannotStartContainerError: exec format error', 'application', 'another platform'],
  ['CannotStartContainerError: failed to get container status', 'application', 'could not be started'],
  ['CannotCreateContainerError: No command specified', 'application', 'could not be started'],
  ['CannotCreateContainerError: devmapper: Thin Pool has 4350 free data blocks', 'infrastructure', 'disk'],
  ['CannotCreateVolumeError: EFS mount failed', 'infrastructure', 'volume'],
  ['Timeout waiting for EBS volume attachment to complete', 'infrastructure', 'volume'],
  [
    'Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet',
    'infrastructure',
    'network interface',
  ],
  ['Timeout waiting for network interface provisioning to complete.', 'infrastructure', 'network interface'],
  [
    'Capacity is unavailable at this time. Please try again later or in a different availability zone',
    'infrastructure',
    'capacity',
  ],
  ['RESOURCE:CPU', 'infrastructure', 'capacity'],
  ['InternalError: unable to wait for container', 'infrastructure', 'internal'],
  ['CannotInspectContainerError: Could not transition to inspecting', 'infrastructure', 'runtime'],
  [
    'DockerTimeoutError: Could not transition to created; timed out after waiting 4m0s',
    'infrastructure',
    'runtime',
  ],
  [
    "Task failed to start: a dependency of container 'app' did not succeed",
    'application',
    'another waits for',
  ],
])('a task that failed to start because of "%s" is %s', (stoppedReason, kind, what) => {
  const found = classifyStop({ stopCode: 'TaskFailedToStart', stoppedReason, exits: [] })
  expect(found.kind).toBe(kind)
  expect(found.what).toContain(what)
})

test('what its host did to it is never held against the image', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('SpotInterruption', 'TerminationNotice', 'InfrastructureHealth'),
      fc.string(),
      fc.integer({ min: 0, max: 255 }),
      (stopCode, stoppedReason, code) => {
        expect(classifyStop({ stopCode, stoppedReason, exits: [exit(code)] }).kind).toBe('infrastructure')
      },
    ),
  )
})

test('every stop has a class and a reason', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (stopCode, stoppedReason, reason) => {
      const found = classifyStop({ stopCode, stoppedReason, exits: [exit(1, reason)] })
      expect(found.what).not.toBe('')
    }),
  )
})
