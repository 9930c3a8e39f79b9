/**
 * What the SST Console makes an issue of: which lines of a function's log group it is sent, and how it reads an error in
 * one. By its documentation (https://sst.dev/docs/console) and the rules of its published parser, for Lambda's text format.
 */
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs'

/** An error as the Console shows it. */
export interface Issue {
  readonly name: string
  readonly message: string
  /** Without the line that names the error. */
  readonly stack: readonly string[]
  /** Whether the invocation failed with it. */
  readonly isFailed: boolean
}

/** The pattern of its subscription filter on each function's log group. */
const SUBSCRIPTION = [
  '?"Invoke Error"',
  '?"Error: Runtime exited"',
  '?"Task timed out after"',
  '?"\tERROR\t"',
  '?"[ERROR]"',
].join(' ')

/** All issues in a log group, the oldest first, as often as they are told. */
export async function issuesIn(
  sdk: ConstructorParameters<typeof CloudWatchLogsClient>[0],
  logGroupName: string,
): Promise<Issue[]> {
  const client = new CloudWatchLogsClient(sdk ?? {})
  const issues: Issue[] = []
  const pages = paginateFilterLogEvents({ client }, { logGroupName, filterPattern: SUBSCRIPTION })
  for await (const { events = [] } of pages)
    issues.push(...events.flatMap(({ message = '' }) => issueOf(message) ?? []))
  return issues
}

/** What the Console takes for the same issue: the name, and where the error was made. */
export const groupOf = ({ name, stack }: Issue): string => `${name} ${stack[0]?.trim()}`

/** The error that a log event tells of, if the Console sees one in it. */
export function issueOf(event: string): Issue | undefined {
  const fields = event.trim().split('\t')
  const [time = '', requestId = '', , text = '', detail = ''] = fields
  if (fields.length === 1) return issueOfLambda(time)
  if (/Invoke Error|Uncaught Exception|Unhandled Promise Rejection/.test(text)) return issueOfRuntime(detail)
  const isConsoleLine = time.length === 24 && (requestId.length === 36 || requestId === 'undefined')
  if (!isConsoleLine || text.startsWith('(node:')) return undefined
  return text.startsWith('{') ? issueOfJson(text) : issueOfText(text)
}

/** Lambda's own lines have no tabs. */
function issueOfLambda(line: string): Issue | undefined {
  const of = (name: string): Issue => ({ name, message: line, stack: [], isFailed: true })
  if (line.includes('LAMBDA_RUNTIME Failed')) return of('LambdaRuntimeError')
  if (line.includes('Task timed out after')) return of('LambdaTimeoutError')
  return line.includes('Runtime.ExitError') ? of('Runtime.ExitError') : undefined
}

interface RuntimeError {
  readonly errorType: string
  readonly errorMessage: string
  readonly stack?: readonly string[]
  readonly recordErrors?: readonly RuntimeError[]
}

function issueOfRuntime(detail: string): Issue | undefined {
  const told = JSON.parse(detail) as RuntimeError
  const { errorMessage, errorType, stack } = told.recordErrors?.[0] ?? told
  if (!stack) return undefined
  return { name: errorType, message: errorMessage, stack: framesOf(stack), isFailed: true }
}

function issueOfJson(text: string): Issue | undefined {
  try {
    const objects = Object.values({ all: JSON.parse(text) as unknown, ...(JSON.parse(text) as object) })
    const error = objects.find((one): one is { stack: string[] } => {
      return typeof one === 'object' && one !== null && 'stack' in one && Array.isArray(one.stack)
    })
    return error && issueOfText(error.stack.join('\n'))
  } catch {
    return undefined
  }
}

function issueOfText(text: string): Issue | undefined {
  const lines = text.split('\n')
  const first = lines.findIndex(isFrame)
  if (first < 1) return undefined
  const head = lines.slice(0, first).join('\n')
  const [, name, message] = /(?:^|\s)([A-Z][\w.$]*): ([\s\S]*)$/.exec(head) ?? []
  return name === undefined || message === undefined
    ? undefined
    : { name, message, stack: framesOf(lines), isFailed: false }
}

const isFrame = (line: string) => /^ {4}at /.test(line)

/** Those of the error itself; what follows is its properties and its cause. */
function framesOf(lines: readonly string[]): string[] {
  const first = lines.findIndex(isFrame)
  const rest = first < 0 ? [] : lines.slice(first)
  const end = rest.findIndex((line) => !isFrame(line))
  return (end < 0 ? rest : rest.slice(0, end)).map((line) => line.replace(/ \{$/, ''))
}
