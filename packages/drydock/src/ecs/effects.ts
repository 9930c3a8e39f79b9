/** What ECS asks of the host, and what the host reports back. Pure data: no service or driver is imported here. */
import type { CreateServiceRequest, UpdateServiceRequest } from '@aws-sdk/client-ecs'
import type { ContainerPort, InstanceHealth, TargetHealthNote } from './state.ts'
import type { ListenerShift, ListenerSights } from './traffic.ts'

/** Where a container's output goes in CloudWatch Logs. */
export interface LogDestination {
  readonly group: string
  /** Named after the container's runtime id where it is absent. */
  readonly stream?: string
  readonly region: string
  /** Whether a group that is not there is made; otherwise the container does not start. */
  readonly createsGroup: boolean
}

/** A container as the host starts it: the container definition with the task's overrides applied. */
export interface ContainerSpec {
  readonly name: string
  /** The image as the task definition names it. */
  readonly image: string
  /** The digest that the task is pinned to (`sha256:…`); absent where the driver runs images it does not know. */
  readonly imageDigest?: string
  readonly entryPoint?: readonly string[]
  readonly command?: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly workingDirectory?: string
  readonly logs?: LogDestination
  /** Declared container ports, in the order of the definition. */
  readonly ports: readonly { containerPort: number; protocol: 'tcp' | 'udp' }[]
}

/** A request that waits for what its target groups and service registries are. */
export type ServiceRequest =
  | { readonly operation: 'CreateService'; readonly input: CreateServiceRequest }
  | { readonly operation: 'UpdateService'; readonly input: UpdateServiceRequest }

/** What ECS must know of a target group before it uses it. */
export interface TargetGroupFacts {
  readonly targetType: 'ip' | 'instance'
  /** Whether any load balancer forwards to it. */
  readonly hasLoadBalancer: boolean
}

/** What ECS must know of a service registry before it uses it. */
export interface RegistryFacts {
  /** Of its DNS records; none where it is found by API alone. */
  readonly recordTypes: readonly string[]
}

/** What is known of a request's target groups and service registries, by ARN; those that do not exist are left out. */
export interface RequestFacts {
  readonly groups: Readonly<Record<string, TargetGroupFacts>>
  readonly registries: Readonly<Record<string, RegistryFacts>>
}

/** One task in one service registry. */
export interface InstancePlace {
  readonly taskArn: string
  readonly registryArn: string
  readonly instanceId: string
}

/** What is asked of Cloud Map. */
export type RegistryEffect =
  /** Answered by `instance-registered` when the operation is done, or by `instance-refused`. */
  | ({
      kind: 'register-instance'
      address: string
      port?: number
      health: InstanceHealth
      attributes: Readonly<Record<string, string>>
    } & InstancePlace)
  /** Not answered: an instance that is gone has no health. */
  | ({ kind: 'tell-instance-health'; health: InstanceHealth } & InstancePlace)
  /** Answered by `instance-gone`, or by `instance-refused`. */
  | ({ kind: 'deregister-instance' } & InstancePlace)

/** What Cloud Map says of a task's instance. */
export type RegistryReport =
  | { kind: 'instance-registered' | 'instance-gone'; taskArn: string; registryArn: string }
  /** `reason` is Cloud Map's error. */
  | { kind: 'instance-refused'; taskArn: string; registryArn: string; reason: string }

/** One port of a task in one target group. */
export interface TargetPlace {
  readonly taskArn: string
  readonly targetGroupArn: string
  readonly containerPort: number
}

/** What is asked of Elastic Load Balancing. */
export type LoadBalancingEffect =
  /** Look at what a request names. Always answered by `target-groups-inspected`, with the same token. */
  | {
      kind: 'inspect-target-groups'
      token: string
      request: ServiceRequest
      targetGroupArns: string[]
      registryArns: string[]
    }
  /** Answered by `target-registered` or `registration-failed`; later changes come as `target-health`. */
  | ({ kind: 'register-target'; address: string } & TargetPlace)
  /** Answered by `target-health`, now and when the target is drained. */
  | { kind: 'deregister-target'; targetGroupArn: string; address: string; port: number }

/** What is asked of CloudWatch: the states of a deployment's alarms. Always answered by `alarms-seen`. */
export type AlarmEffect = {
  kind: 'look-at-alarms'
  serviceArn: string
  serviceDeploymentId: string
  alarmNames: readonly string[]
}

/** An alarm as CloudWatch describes it. */
export interface AlarmSight {
  readonly name: string
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'
  /** How far it looks back, in milliseconds; absent for a composite alarm. */
  readonly evaluatedMs?: number
}

/** Alarms that do not exist are left out. */
export type AlarmReport = {
  kind: 'alarms-seen'
  serviceArn: string
  serviceDeploymentId: string
  alarms: AlarmSight[]
}

/** Of which deployment something is asked, and which answer belongs to it. */
interface DeploymentQuestion {
  readonly serviceArn: string
  readonly serviceDeploymentId: string
  readonly token: string
}

/** What a deployment that shifts traffic asks of Elastic Load Balancing and of Lambda. */
export type ShiftEffect =
  /** What rules and listeners forward to. Always answered by `traffic-inspected`, with the same token. */
  | ({ kind: 'inspect-traffic'; arns: readonly string[] } & DeploymentQuestion)
  /** Change the weights of rules and listeners, all or none. Always answered by `traffic-shifted`. */
  | ({ kind: 'shift-traffic'; shifts: readonly ListenerShift[] } & DeploymentQuestion)
  /** Call a hook's function. Always answered by `hook-called`. */
  | {
      kind: 'call-hook'
      serviceArn: string
      serviceDeploymentId: string
      hookId: string
      functionArn: string
      payload: object
    }

export type TrafficReport =
  | ({ kind: 'traffic-inspected'; sights: ListenerSights } & DeploymentQuestion)
  /** `problem` is the load balancer's error. */
  | ({ kind: 'traffic-shifted'; problem?: string } & DeploymentQuestion)

/** What a hook's function answered, or why it did not, in the words of AWS. */
export type HookAnswer =
  | {
      readonly hookStatus: 'SUCCEEDED' | 'FAILED' | 'IN_PROGRESS'
      /** In seconds. */
      readonly callBackDelay?: number
      readonly hookDetails?: object
    }
  | { readonly problem: string }

export interface HookReport {
  readonly kind: 'hook-called'
  readonly serviceArn: string
  readonly serviceDeploymentId: string
  readonly hookId: string
  readonly answer: HookAnswer
}

/** What is asked of the driver that runs tasks. */
export type TaskEffect =
  /** Resolve the tags of a deployment's images, once for all its tasks. Always answered by `images-resolved`. */
  | { kind: 'resolve-images'; serviceArn: string; deploymentId: string; images: Record<string, string> }
  /** Give the task an address of its own, in this subnet. Answered by `task-provisioned`. */
  | { kind: 'provision-task'; taskArn: string; subnetId: string }
  /** Make one container's image ready. Answered by `image-pulled` or `pull-failed`. */
  | { kind: 'pull-image'; taskArn: string; container: string; image: string; imageDigest?: string }
  /** Answered by `container-started` or `start-failed`, and, when its program ends, by `container-exited`. */
  | { kind: 'start-container'; taskArn: string; container: ContainerSpec }
  /** Send a signal to a container's program. What comes of it is reported as `container-exited`. */
  | { kind: 'signal-container'; taskArn: string; container: string; signal: 'SIGTERM' | 'SIGKILL' }
  /**
   * Run a health check's command in a running container, for at most `timeoutMs`. Answered by `health-checked` with
   * the same `run`, unless the container ends before.
   */
  | {
      kind: 'check-health'
      taskArn: string
      container: string
      command: readonly string[]
      timeoutMs: number
      run: number
    }
  /** Give back the task's address and files. Answered by `task-released`. */
  | { kind: 'release-task'; taskArn: string }

export type EcsEffect = TaskEffect | LoadBalancingEffect | RegistryEffect | AlarmEffect | ShiftEffect

/** What Elastic Load Balancing says. */
export type LoadBalancingReport =
  | ({ kind: 'target-groups-inspected'; token: string; request: ServiceRequest } & RequestFacts)
  /** `port`: where the container's port is reached at the task's address. */
  | ({ kind: 'target-registered'; address: string; port: number; health: TargetHealthNote } & TargetPlace)
  /** `reason` is the load balancer's error. */
  | ({ kind: 'registration-failed'; reason: string } & TargetPlace)
  /** A target's health now, whoever registered it. */
  | { kind: 'target-health'; targetGroupArn: string; address: string; port: number; health: TargetHealthNote }

/** What takes a task's host from it: Spot capacity that is needed elsewhere, or the host's end. */
export type InterruptionCause = 'spot' | 'host'

export type EcsReport =
  | LoadBalancingReport
  | RegistryReport
  | AlarmReport
  | TrafficReport
  | HookReport
  /** Digests by container name; a container whose image could not be resolved is left out. */
  | { kind: 'images-resolved'; serviceArn: string; deploymentId: string; digests: Record<string, string> }
  | { kind: 'task-provisioned'; taskArn: string; address: string; ipv6Address?: string }
  | { kind: 'image-pulled'; taskArn: string; container: string; imageDigest?: string }
  /** `reason` is what ECS puts into `stoppedReason`: `CannotPullContainerError: …`. */
  | { kind: 'pull-failed'; taskArn: string; container: string; reason: string }
  /** `ports`: where the container's declared ports are reached at the task's address. */
  | {
      kind: 'container-started'
      taskArn: string
      container: string
      runtimeId: string
      ports?: readonly ContainerPort[]
    }
  | { kind: 'start-failed'; taskArn: string; container: string; reason: string }
  /** `exitCode` as a container engine gives it: 128 + the signal's number where a signal ended it. */
  | { kind: 'container-exited'; taskArn: string; container: string; exitCode: number; reason?: string }
  /** Whether the command ended with 0 in time. */
  | { kind: 'health-checked'; taskArn: string; container: string; run: number; hasPassed: boolean }
  /** The capacity that the task runs on is taken back, or its host goes away. */
  | { kind: 'task-interrupted'; taskArn: string; cause: InterruptionCause }
  | { kind: 'task-released'; taskArn: string }
  /** The engine was started anew on kept state: no task of before runs any more. */
  | { kind: 'host-restarted' }
