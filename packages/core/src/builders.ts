/** Builders for tests: one per noun, each a plain sensible value with overrides. */
import { DEFAULT_GUARD } from './guard-settings.ts'
import type { ObservedAlarm, ObservedHealth, ObservedStop } from './health.ts'
import { parseImageReference } from './image.ts'
import { type Policy, parsePolicy } from './policy.ts'
import type { Settings, Track } from './settings.ts'
import type {
  DeliveryView,
  GoodState,
  InFlight,
  KnownState,
  ObservedContainer,
  ObservedDeployment,
  ObservedImage,
  ObservedService,
  Platform,
  ServiceRecord,
} from './view.ts'

export const REGISTRY = '123456789012.dkr.ecr.us-east-1.amazonaws.com'
export const AMD64: Platform = { os: 'linux', architecture: 'amd64' }
export const ARM64: Platform = { os: 'linux', architecture: 'arm64' }

/** A digest that is told by its first letters: `digest('a')` is `sha256:aaa…`. */
export function digest(letters: string): string {
  return `sha256:${letters.repeat(64).slice(0, 64)}`
}

/** An image with these tags whose digest is told by `letters`. */
export function image(
  letters: string,
  tags: readonly string[],
  overrides: Partial<ObservedImage> = {},
): ObservedImage {
  return {
    digest: digest(letters),
    tags,
    pushedAt: 1000,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactMediaType: 'application/vnd.oci.image.config.v1+json',
    platforms: [AMD64],
    ...overrides,
  }
}

export function container(reference: string, name = 'app'): ObservedContainer {
  return { name, image: parseImageReference(reference), essential: true }
}

/** A container pinned to a digest of the repository `web`. */
export function pinned(letters: string, name = 'app'): ObservedContainer {
  return container(`${REGISTRY}/web@${digest(letters)}`, name)
}

export function deployment(overrides: Partial<ObservedDeployment> = {}): ObservedDeployment {
  return {
    id: 'ecs-svc/1',
    status: 'PRIMARY',
    taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:1',
    rolloutState: 'COMPLETED',
    createdAt: 2000,
    updatedAt: 2500,
    failedTasks: 0,
    ...overrides,
  }
}

export function service(overrides: Partial<ObservedService> = {}): ObservedService {
  const primary = overrides.primary ?? deployment()
  return {
    cluster: 'prod',
    service: 'web',
    arn: 'arn:aws:ecs:us-east-1:123456789012:service/prod/web',
    createdAt: 500,
    desiredCount: 2,
    primary,
    deployments: [primary],
    registeredBy: undefined,
    containers: [pinned('a')],
    platform: AMD64,
    tags: {},
    ...overrides,
  }
}

export function track(policy: Policy | string, overrides: Partial<Track> = {}): Track {
  return {
    container: 'app',
    repository: 'web',
    policy: typeof policy === 'string' ? parsePolicy(policy) : policy,
    include: [],
    ignore: [],
    downgrade: 'never',
    ...overrides,
  }
}

export function settings(...tracks: readonly (Track | string)[]): Settings {
  const read = tracks.map((each) => (typeof each === 'string' ? track(each) : each))
  return { enrolled: true, source: 'tags', tracks: read, guard: DEFAULT_GUARD, problems: [] }
}

/** The state that `service()` is in. */
export function known(overrides: Partial<KnownState> = {}): KnownState {
  const { id, taskDefinitionArn } = deployment()
  const images = { app: { repository: 'web', digest: digest('a') } }
  return { serviceCreatedAt: 500, primaryId: id, taskDefinitionArn, images, ...overrides }
}

export function inFlight(letters: string, overrides: Partial<InFlight> = {}): InFlight {
  return {
    id: 'd-1',
    images: { app: { repository: 'web', digest: digest(letters) } },
    state: 'intended',
    intendedAt: 3000,
    basePrimaryId: 'ecs-svc/1',
    ...overrides,
  }
}

export function record(overrides: Partial<ServiceRecord> = {}): ServiceRecord {
  return {
    cluster: 'prod',
    service: 'web',
    version: 1,
    repositories: ['web'],
    known: known(),
    bake: { primaryId: 'ecs-svc/1', since: 2500, verifiedAt: 2800 },
    quarantine: {},
    problems: [],
    ...overrides,
  }
}

/** Runs image `a` (1.0.0), known to Capstan, following semver:1.x in a repository that has nothing else. */
export function view(overrides: Partial<DeliveryView> = {}): DeliveryView {
  return {
    service: service(),
    settings: settings('semver:1.x'),
    record: record(),
    repositories: { web: [image('a', ['1.0.0'])] },
    ...overrides,
  }
}

/** Pushed at 1000, 5000 and 6000: `a` (1.0.0), `b` (1.1.0) and `c` (1.2.0). */
export const TWO = [image('a', ['1.0.0']), image('b', ['1.1.0'], { pushedAt: 5000 })]
export const THREE = [...TWO, image('c', ['1.2.0'], { pushedAt: 6000 })]

/** The service with another primary deployment, begun at 9000, which runs this image. */
export function replaced(
  letters: string,
  overrides: Partial<ObservedDeployment> = {},
  registeredBy?: string,
): ObservedService {
  const taskDefinitionArn = 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:2'
  const primary = deployment({ id: 'ecs-svc/2', taskDefinitionArn, createdAt: 9000, ...overrides })
  return service({ primary, containers: [pinned(letters)], registeredBy })
}

/** An alarm of the service's target group that went to ALARM at 10 000, with traffic. */
export function alarm(overrides: Partial<ObservedAlarm> = {}): ObservedAlarm {
  return {
    arn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:web-5xx',
    name: 'web-5xx',
    state: 'ALARM',
    transitionedAt: 10_000,
    reason: 'Threshold Crossed: 1 datapoint was greater than the threshold (0.05).',
    ties: ['target-group'],
    missingData: false,
    requests: 100,
    sharedWith: 0,
    ...overrides,
  }
}

/** Nothing is wrong: two tasks run, and both of their targets are healthy; ten services are watched. */
export function health(overrides: Partial<ObservedHealth> = {}): ObservedHealth {
  return {
    alarms: [],
    targets: [{ targetGroup: 'web', healthy: 2, unhealthy: 0, initial: 0, reasons: [] }],
    stops: [],
    running: 2,
    fleet: { watched: 10, alarming: 1, rolledBackLately: 0 },
    ...overrides,
  }
}

/** A task of deployment `ecs-svc/2` whose essential container exited with 1. */
export function crash(stoppedAt: number, overrides: Partial<ObservedStop> = {}): ObservedStop {
  return {
    taskArn: `arn:aws:ecs:us-east-1:123456789012:task/prod/${stoppedAt}`,
    deploymentId: 'ecs-svc/2',
    stoppedAt,
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    exits: [{ container: 'app', essential: true, code: 1 }],
    ...overrides,
  }
}

/** A verified state of this image, under the task definition `web:<revision>`. */
export function good(letters: string, revision = 1, overrides: Partial<GoodState> = {}): GoodState {
  return {
    taskDefinitionArn: `arn:aws:ecs:us-east-1:123456789012:task-definition/web:${revision}`,
    images: { app: { repository: 'web', digest: digest(letters) } },
    serviceCreatedAt: 500,
    verifiedAt: 2800,
    evidence: ['its alarms (web-5xx) were quiet for 10m'],
    ...overrides,
  }
}
