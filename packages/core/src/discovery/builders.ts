/** For tests: one builder for each thing that a discovery decision looks at. */
import type { NameRecord, NameSource, NameView, Publication, PublishedTask, SourceKey } from './view.ts'

export const WEB: SourceKey = { cluster: 'prod', group: 'service:web' }
export const NAME = 'web.example.com'

/** A task that runs, healthy as far as anybody checks, of an address that its number tells. */
export function task(number: number, overrides: Partial<PublishedTask> = {}): PublishedTask {
  const id = number.toString(16).padStart(32, '0')
  return {
    id,
    arn: `arn:aws:ecs:us-east-1:123456789012:task/prod/${id}`,
    source: WEB,
    version: 3,
    taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:1',
    desired: 'RUNNING',
    last: 'RUNNING',
    health: 'UNKNOWN',
    interfaceId: `eni-${number}`,
    addresses: { private: addressOf(number) },
    ports: [],
    startedAt: 1000 + number,
    isChecked: false,
    seenAt: 2000,
    ...overrides,
  }
}

export function addressOf(number: number): string {
  return `10.0.${Math.floor(number / 256)}.${number % 256}`
}

export function publication(overrides: Partial<Publication> = {}): Publication {
  return {
    target: { kind: 'dns', name: NAME },
    types: ['A'],
    address: 'private',
    ttl: 10,
    perTask: false,
    policy: 'sync',
    txt: false,
    ...overrides,
  }
}

export function source(
  tasks: readonly PublishedTask[],
  overrides: Partial<Publication> = {},
  key: SourceKey = WEB,
): NameSource {
  return { source: key, publication: publication(overrides), tasks }
}

export function nameView(overrides: Partial<NameView> = {}): NameView {
  return {
    target: { kind: 'dns', name: NAME },
    place: { kind: 'zone', id: 'Z1', name: 'example.com', isPrivate: true },
    sources: [],
    problems: [],
    ...overrides,
  }
}

export function nameRecord(overrides: Partial<NameRecord> = {}): NameRecord {
  return {
    target: { kind: 'dns', name: NAME },
    version: 1,
    placeId: 'Z1',
    sources: [WEB],
    owned: [],
    ...overrides,
  }
}
