/** What a target gets: the event, a constant, a part of the event, or a template filled from it. */

import type { InputTransformer, Target } from '@aws-sdk/client-eventbridge'
import { parseJson } from '../json.ts'
import { emptyRecord } from '../service.ts'
import { parsePath, readPath } from './json-path.ts'
import type { Envelope, Rule } from './state.ts'

type Variables = Readonly<Record<string, unknown>>

/**
 * The JSON text that `target` gets of `event`, accepted at `now` (milliseconds since the epoch).
 * Source: EventBridge User Guide, "Input transformation"; API Reference, Target.
 */
export function targetInput(target: Target, event: Envelope, rule: Rule, now: number): string {
  if (target.Input !== undefined) return target.Input
  if (target.InputPath !== undefined)
    return JSON.stringify(readPath(event, parsePath(target.InputPath) ?? []) ?? null)
  if (target.InputTransformer) return transform(target.InputTransformer, event, rule, now)
  return JSON.stringify(event)
}

function transform(
  { InputPathsMap = {}, InputTemplate = '' }: InputTransformer,
  event: Envelope,
  rule: Rule,
  now: number,
): string {
  const { detail: _, ...withoutDetail } = event
  const variables = Object.assign(emptyRecord<unknown>(), {
    'aws.events.rule-arn': rule.arn,
    'aws.events.rule-name': rule.name,
    'aws.events.event.ingestion-time': new Date(now).toISOString(),
    'aws.events.event': withoutDetail,
    'aws.events.event.json': event,
  })
  for (const [name, path] of Object.entries(InputPathsMap))
    variables[name] = readPath(event, parsePath(path) ?? [])
  const text = fill(InputTemplate, variables)
  return parseJson(text) !== undefined ? text : JSON.stringify(fillText(InputTemplate, variables))
}

const VARIABLE = /<([\w.-]+)>/g

/** In a JSON template a variable is a value, or within quotes a part of a string. */
function fill(template: string, variables: Variables): string {
  return template.replace(VARIABLE, (whole, name: string, offset: number) => {
    if (!(name in variables)) return whole
    const value = variables[name] ?? ''
    return isQuoted(template, offset) ? JSON.stringify(asText(value)).slice(1, -1) : JSON.stringify(value)
  })
}

function fillText(template: string, variables: Variables): string {
  return template.replace(VARIABLE, (whole, name: string) =>
    name in variables ? asText(variables[name] ?? '') : whole,
  )
}

const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

function isQuoted(template: string, offset: number): boolean {
  let quoted = false
  for (let index = 0; index < offset; index++) {
    if (template[index] === '\\') index++
    else if (template[index] === '"') quoted = !quoted
  }
  return quoted
}
