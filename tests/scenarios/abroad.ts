/**
 * Capstan at home with other places: the doors in Drydock's Lambda with their roles alone, the roles that trust them in each
 * place, and rules there that forward events to a bus at home.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { ECR } from '@aws-sdk/client-ecr'
import { ECS } from '@aws-sdk/client-ecs'
import { EventBridge } from '@aws-sdk/client-eventbridge'
import { IAM } from '@aws-sdk/client-iam'
import { Lambda } from '@aws-sdk/client-lambda'
import { Route53 } from '@aws-sdk/client-route-53'
import { SQS } from '@aws-sdk/client-sqs'
import { connectPlaces, parseEnvironment } from '@capstan/aws'
import { checkout } from '@capstan/cli/config-file.ts'
import { bundleFunctions } from '@capstan/cli/dev/bundle.ts'
import { functionNameOf, install } from '@capstan/cli/dev/install.ts'
import { OPERATOR, placeRoleArn, placeRoleName } from '@capstan/core/place-roles.ts'
import type { PlaceConfig } from '@capstan/core/places.ts'
import { type TestEngine, testEngine } from '@capstan/drydock/testing.ts'
import {
  arnAt,
  forwarded,
  type Permission,
  permissionsElsewhere,
  rules,
  sources,
} from '../../functions/rules.ts'

export const HOME = { account: '123456789012', region: 'us-east-1' }
/** Images are pushed in one account, and run in another one's region too. */
export const PLACES = {
  eu: { account: '222222222222', region: 'eu-west-1' },
  tools: { account: '333333333333', region: 'us-east-1' },
}

type Event = Readonly<Record<string, unknown>>

const BUS = 'capstan-hub'
const BUS_ARN = `arn:aws:events:${HOME.region}:${HOME.account}:event-bus/${BUS}`

const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const allow = (Action: string, Resource: unknown) => policy({ Effect: 'Allow', Action, Resource })
const trust = (Principal: object) => policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal })

/** The services of AWS in an account and region, for those who own it. */
function clientsOf(drydock: TestEngine, { account, region }: PlaceConfig) {
  const credentials = { accessKeyId: account, secretAccessKey: 'x' }
  const config = { ...drydock.config, region, credentials }
  return {
    ...{
      dynamodb: new DynamoDB(config),
      ecr: new ECR(config),
      ecs: new ECS(config),
      events: new EventBridge(config),
      iam: new IAM(config),
    },
    ...{ lambda: new Lambda(config), route53: new Route53(config), sqs: new SQS(config) },
  }
}

type Clients = ReturnType<typeof clientsOf>

export class Abroad implements AsyncDisposable {
  readonly drydock: TestEngine
  readonly home: Clients
  readonly eu: Clients
  readonly tools: Clients

  readonly #folder: string

  private constructor(drydock: TestEngine, folder: string) {
    this.drydock = drydock
    this.#folder = folder
    this.home = clientsOf(drydock, HOME)
    this.eu = clientsOf(drydock, PLACES.eu)
    this.tools = clientsOf(drydock, PLACES.tools)
  }

  /** Installs Capstan at home and lets it into the places. */
  static async start(): Promise<Abroad> {
    const folder = await mkdtemp(join(tmpdir(), 'abroad-'))
    const config = join(folder, 'capstan.config.ts')
    await writeFile(config, `export default ${JSON.stringify({ services: {}, places: PLACES })}`)
    const doors = rules.map(({ door }) => join(checkout, 'functions', `${door}.ts`))
    const [drydock, bundles] = await Promise.all([
      testEngine({ iam: 'enforce' }),
      bundleFunctions(doors, config),
    ])
    const abroad = new Abroad(drydock, folder)
    await install(drydock.config, bundles)
    await abroad.#makeBus()
    for (const { door } of rules) await abroad.#letThrough(door)
    for (const place of Object.values(PLACES)) {
      await abroad.#makeRoles(place)
      await abroad.#forwardEvents(place)
    }
    return abroad
  }

  /** An operator at home, in whose name the command line acts. */
  operator() {
    const environment = parseEnvironment({ AWS_REGION: HOME.region, AWS_ENDPOINT_URL: this.drydock.endpoint })
    const caller = { credentials: async () => ({ accessKeyId: HOME.account, secretAccessKey: 'x' }) }
    const now = () => this.drydock.engine.clock.now()
    return connectPlaces({ config: { services: {}, places: PLACES }, environment, caller, now })
  }

  /** What the command line prints, for an operator at home. */
  async capstan(...words: readonly string[]): Promise<string> {
    const env = {
      ...process.env,
      ...{ AWS_ENDPOINT_URL: this.drydock.endpoint, AWS_REGION: HOME.region },
      ...{ AWS_ACCESS_KEY_ID: HOME.account, AWS_SECRET_ACCESS_KEY: 'x' },
    }
    const program = join(checkout, 'packages/cli/bin/capstan.js')
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...words], {
      ...{ env, cwd: this.#folder },
    })
    return stdout
  }

  /** Calls a door, and says how it failed, if it did. */
  async call(door: string, event: Event): Promise<string | undefined> {
    const call = { FunctionName: functionNameOf(door), Payload: JSON.stringify(event) }
    const { FunctionError, Payload } = await this.home.lambda.invoke(call)
    return FunctionError && (Payload?.transformToString() ?? FunctionError)
  }

  /** What a door has logged. */
  logOf(door: string): string {
    const { account, region } = HOME
    const arn = `arn:aws:lambda:${region}:${account}:function:${functionNameOf(door)}`
    return this.drydock
      .functionLogs(arn)
      .map(({ text }) => text)
      .join('\n')
  }

  /** What a role was denied, as `role action`, whichever place it is in. */
  async denied(): Promise<string[]> {
    const usage = await fetch(`${this.drydock.endpoint}/_drydock/iam/usage`)
    const { roles } = (await usage.json()) as {
      roles: Record<string, Record<string, { readonly denied: number }>>
    }
    return Object.entries(roles).flatMap(([role, actions]) =>
      Object.entries(actions).flatMap(([action, { denied }]) => (denied ? [`${role} ${action}`] : [])),
    )
  }

  /** Takes what is in a queue, oldest first. */
  async take({ sqs }: Clients, QueueName: string): Promise<Event[]> {
    const { QueueUrl } = await sqs.getQueueUrl({ QueueName })
    const taken: Event[] = []
    for (;;) {
      const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 })
      if (!Messages.length) return taken
      for (const { Body = '{}', ReceiptHandle } of Messages) {
        taken.push(JSON.parse(Body) as Event)
        await sqs.deleteMessage({ QueueUrl, ReceiptHandle })
      }
    }
  }

  /** A queue that takes the events of the place's default bus that match. */
  async gather({ events, sqs }: Clients, name: string, pattern: object): Promise<void> {
    const { QueueUrl } = await sqs.createQueue({ QueueName: name })
    const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['QueueArn'] })
    await events.putRule({ Name: name, EventPattern: JSON.stringify(pattern) })
    await events.putTargets({ Rule: name, Targets: [{ Id: 'queue', Arn: Attributes?.QueueArn }] })
  }

  /** The kinds of rows that the ledger has of a place, by the beginnings of their partition keys; of home without one. */
  async rowsOf(place?: string): Promise<string[]> {
    const { Items = [] } = await this.home.dynamodb.scan({ TableName: 'capstan-ledger' })
    const keys = Items.map(({ pk }) => pk?.S?.split('#') ?? [])
    const own = keys.filter(([first, name]) => (place ? first === 'AT' && name === place : first !== 'AT'))
    return [...new Set(own.flatMap((parts) => parts[place ? 2 : 0] ?? []))].toSorted()
  }

  /** What a service is set to run. */
  async imageOf({ ecs }: Clients, service: string): Promise<string | undefined> {
    const { services } = await ecs.describeServices({ services: [service] })
    const { taskDefinition } = await ecs.describeTaskDefinition({
      taskDefinition: services?.[0]?.taskDefinition,
    })
    return taskDefinition?.containerDefinitions?.[0]?.image
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drydock.close()
    await rm(this.#folder, { recursive: true })
  }

  /** At home: a bus whose rules lead where those of the default bus do, and a look at each place beside home's own. */
  async #makeBus(): Promise<void> {
    const { events } = this.home
    await events.createEventBus({ Name: BUS })
    const Principal = { AWS: Object.values(PLACES).map(({ account }) => `arn:aws:iam::${account}:root`) }
    const Condition = { 'ForAllValues:StringEquals': { 'events:source': sources } }
    const known = { Effect: 'Allow', Action: 'events:PutEvents', Resource: BUS_ARN, Principal, Condition }
    await events.putPermission({ EventBusName: BUS, Policy: policy(known) })
    for (const rule of rules) {
      const Rule = functionNameOf(rule.door)
      const { Targets = [] } = await events.listTargetsByRule({ Rule })
      if ('pattern' in rule) {
        await events.putRule({ Name: Rule, EventBusName: BUS, EventPattern: JSON.stringify(rule.pattern) })
        await events.putTargets({ Rule, EventBusName: BUS, Targets })
      } else {
        const looks = Object.keys(PLACES).map((place) => ({ Id: place, Input: JSON.stringify({ place }) }))
        const more = looks.flatMap((look) => Targets.map((target) => ({ ...target, ...look })))
        await events.putTargets({ Rule, Targets: more })
      }
    }
  }

  /** At home: a door may take on its role in each place, and knows its name. */
  async #letThrough(door: string): Promise<void> {
    const FunctionName = functionNameOf(door)
    const roles = Object.values(PLACES).map((place) => placeRoleArn(placeRoleName(door), place))
    const PolicyDocument = allow('sts:AssumeRole', roles)
    await this.home.iam.putRolePolicy({ RoleName: FunctionName, PolicyName: 'places', PolicyDocument })
    const { Environment } = await this.home.lambda.getFunctionConfiguration({ FunctionName })
    const Variables = { ...Environment?.Variables, CAPSTAN_PLACE_ROLE: placeRoleName(door) }
    await this.home.lambda.updateFunctionConfiguration({ FunctionName, Environment: { Variables } })
  }

  /** In a place: a role for each door, and one for people. */
  async #makeRoles(place: PlaceConfig): Promise<void> {
    const { iam } = clientsOf(this.drydock, place)
    const make = async (who: string, trusted: string, permissions: readonly Permission[]) => {
      const RoleName = placeRoleName(who).replace('{region}', place.region)
      const statements = permissions.map(({ actions, condition, resource }) => ({
        ...{ Effect: 'Allow', Action: actions },
        Resource: resource.startsWith('arn:') ? arnOf(resource, place) : resource,
        ...(condition && { Condition: condition }),
      }))
      await iam.createRole({ RoleName, AssumeRolePolicyDocument: trust({ AWS: trusted }) })
      await iam.putRolePolicy({ RoleName, PolicyName: 'permissions', PolicyDocument: policy(...statements) })
    }
    for (const rule of rules) {
      const trusted = `arn:aws:iam::${HOME.account}:role/capstan-${rule.door}`
      await make(rule.door, trusted, permissionsElsewhere(rule))
    }
    const ofAnyDoor = [...new Set(rules.flatMap(permissionsElsewhere))]
    await make(OPERATOR, `arn:aws:iam::${HOME.account}:root`, ofAnyDoor)
  }

  /** In a place: a rule for all events that concern a door, which sends them to home's bus. */
  async #forwardEvents(place: PlaceConfig): Promise<void> {
    const { events, iam } = clientsOf(this.drydock, place)
    const RoleName = 'capstan-spoke-events'
    const AssumeRolePolicyDocument = trust({ Service: 'events.amazonaws.com' })
    const { Role } = await iam.createRole({ RoleName, AssumeRolePolicyDocument })
    const PolicyDocument = allow('events:PutEvents', BUS_ARN)
    await iam.putRolePolicy({ RoleName, PolicyName: 'forward', PolicyDocument })
    const Rule = 'capstan-spoke'
    await events.putRule({ Name: Rule, EventPattern: JSON.stringify(forwarded) })
    await events.putTargets({ Rule, Targets: [{ Id: 'home', Arn: BUS_ARN, RoleArn: Role?.Arn }] })
  }
}

const arnOf = (pattern: string, place: PlaceConfig) =>
  arnAt(`arn:PARTITION:${pattern.slice('arn:PARTITION:'.length)}`, { partition: 'aws', ...place })
