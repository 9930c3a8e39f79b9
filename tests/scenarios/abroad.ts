/**
 * Capstan at home with other places: the doors in Drydock's Lambda with their roles alone, the roles that trust them in each
 * place, and the events of the places, which a scenario hands over to home as its bus would.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
import { arnAt, type Permission, permissionsElsewhere, rules } from '../../functions/rules.ts'

export const HOME = { account: '123456789012', region: 'us-east-1' }
/** Images are pushed in one account, and run in another one's region too. */
export const PLACES = {
  eu: { account: '222222222222', region: 'eu-west-1' },
  tools: { account: '333333333333', region: 'us-east-1' },
}

type Event = Readonly<Record<string, unknown>>

const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const trust = (arn: string) => policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: arn } })

/** The services of AWS in an account and region, for those who own it. */
function clientsOf(drydock: TestEngine, { account, region }: PlaceConfig) {
  const credentials = { accessKeyId: account, secretAccessKey: 'x' }
  const config = { ...drydock.config, region, credentials }
  return {
    ...{ ecr: new ECR(config), ecs: new ECS(config), events: new EventBridge(config), iam: new IAM(config) },
    ...{ lambda: new Lambda(config), route53: new Route53(config), sqs: new SQS(config) },
  }
}

type Clients = ReturnType<typeof clientsOf>

export class Abroad implements AsyncDisposable {
  readonly drydock: TestEngine
  readonly home: Clients
  readonly eu: Clients
  readonly tools: Clients

  private constructor(drydock: TestEngine) {
    this.drydock = drydock
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
    await rm(folder, { recursive: true })
    const abroad = new Abroad(drydock)
    await install(drydock.config, bundles)
    for (const { door } of rules) await abroad.#letThrough(door)
    for (const place of [PLACES.eu, PLACES.tools]) {
      await abroad.#makeRoles(place)
      await abroad.#gatherEvents(clientsOf(drydock, place))
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

  /** Plays engine time, and hands the places' events over as they come. */
  async advance(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= 15) {
      await this.handOver()
      await this.drydock.engine.advance(`${Math.min(left, 15)}s`)
    }
    await this.handOver()
  }

  /** Hands over what has happened in the places, until nothing more comes of it. */
  async handOver(): Promise<void> {
    for (let handed = -1; handed !== 0; ) {
      handed = 0
      await this.drydock.engine.settle()
      for (const place of [this.eu, this.tools]) handed += await this.#handOverFrom(place)
    }
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
  }

  /** At home: a door may take on its role in each place, and knows its name. */
  async #letThrough(door: string): Promise<void> {
    const FunctionName = functionNameOf(door)
    const roles = Object.values(PLACES).map((place) => placeRoleArn(placeRoleName(door), place))
    const PolicyDocument = policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: roles })
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
      await iam.createRole({ RoleName, AssumeRolePolicyDocument: trust(trusted) })
      await iam.putRolePolicy({ RoleName, PolicyName: 'permissions', PolicyDocument: policy(...statements) })
    }
    for (const rule of rules) {
      const trusted = `arn:aws:iam::${HOME.account}:role/capstan-${rule.door}`
      await make(rule.door, trusted, permissionsElsewhere(rule))
    }
    const ofAnyDoor = [...new Set(rules.flatMap(permissionsElsewhere))]
    await make(OPERATOR, `arn:aws:iam::${HOME.account}:root`, ofAnyDoor)
  }

  async #gatherEvents(clients: Clients): Promise<void> {
    for (const rule of rules) {
      if ('pattern' in rule) await this.gather(clients, rule.door, rule.pattern)
    }
  }

  async #handOverFrom(place: Clients): Promise<number> {
    let handed = 0
    for (const rule of rules) {
      if (!('pattern' in rule)) continue
      for (const event of await this.take(place, rule.door)) {
        handed += 1
        if (rule.queue) await this.#send(functionNameOf(rule.door), event)
        else await this.call(rule.door, event)
      }
    }
    return handed
  }

  async #send(QueueName: string, event: Event): Promise<void> {
    const { QueueUrl } = await this.home.sqs.getQueueUrl({ QueueName })
    await this.home.sqs.sendMessage({ QueueUrl, MessageBody: JSON.stringify(event) })
  }
}

const arnOf = (pattern: string, place: PlaceConfig) =>
  arnAt(`arn:PARTITION:${pattern.slice('arn:PARTITION:'.length)}`, { partition: 'aws', ...place })
