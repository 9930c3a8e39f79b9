/** Account settings: kept and shown. None of them changes what Drydock does. */

import type * as client from '@aws-sdk/client-ecs'
import { rootArn } from '../arn.ts'
import type { Handlers } from '../wire/handlers.ts'
import { invalidParameter } from './errors.ts'
import { byItself, requestedPage } from './page.ts'
import type { EcsOperationContext, EcsState } from './state.ts'

/** The values of an account that has set nothing (Developer Guide: account settings). */
const DEFAULTS: Readonly<Record<client.SettingName, string>> = {
  awsvpcTrunking: 'disabled',
  containerInsights: 'disabled',
  containerInstanceLongArnFormat: 'enabled',
  defaultLogDriverMode: 'non-blocking',
  fargateEventWindows: 'disabled',
  fargateFIPSMode: 'disabled',
  fargateTaskRetirementWaitPeriod: '7',
  guardDutyActivate: 'off',
  serviceLongArnFormat: 'enabled',
  tagResourceAuthorization: 'off',
  taskLongArnFormat: 'enabled',
}

export const accountSettingOperations = {
  ListAccountSettings(input, context) {
    const given = input.effectiveSettings
      ? { ...DEFAULTS, ...context.state.accountSettings }
      : context.state.accountSettings
    const names = Object.keys(given)
      .filter((name) => input.name === undefined || name === input.name)
      .filter((name) => input.value === undefined || settingOf(given, name) === input.value)
    const { items, nextToken } = requestedPage(names, byItself, input)
    return { settings: items.map((name) => view(context, name, settingOf(given, name))), nextToken }
  },
  PutAccountSetting: (input, context) => ({ setting: put(context, input.name ?? '', input.value ?? '') }),
  PutAccountSettingDefault: (input, context) => ({
    setting: put(context, input.name ?? '', input.value ?? ''),
  }),
  DeleteAccountSetting(input, context) {
    const name = input.name ?? ''
    requireKnown(name)
    const value = context.state.accountSettings[name] ?? DEFAULTS[name]
    delete context.state.accountSettings[name]
    return { setting: view(context, name, value) }
  },
} satisfies Partial<Handlers<typeof client, EcsOperationContext>>

const settingOf = (settings: EcsState['accountSettings'], name: string) => settings[name] ?? ''

function requireKnown(name: string): asserts name is client.SettingName {
  if (!Object.hasOwn(DEFAULTS, name)) throw invalidParameter(`Unknown setting name: ${name}.`)
}

function put(context: EcsOperationContext, name: string, value: string): client.Setting {
  requireKnown(name)
  context.state.accountSettings[name] = value
  return view(context, name, value)
}

function view(context: EcsOperationContext, name: string, value: string): client.Setting {
  return {
    name: name as client.SettingName,
    value,
    principalArn: rootArn(context),
    type: 'user',
  }
}
