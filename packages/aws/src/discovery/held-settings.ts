/** Settings as they hold: those with mistakes as they were last understood, which the ledger keeps. */
import { heldSettings } from '@capstan/core/discovery/held.ts'
import { settleEach, valuesOf } from '../parallel.ts'
import type { DiscoveryLedger } from './ledger.ts'
import type { ViewTools } from './views.ts'

type SettingsOf = ViewTools['settingsOf']

/** What `settingsOf` says, and for settings with problems what `ledger` knows; settings without any cost no call. */
export function heldSettingsOf(
  settingsOf: SettingsOf,
  ledger: Pick<DiscoveryLedger, 'getSource'>,
): SettingsOf {
  return async (sources, isFresh) => {
    const settings = await settingsOf(sources, isFresh)
    const held = await settleEach(settings, async (each) => {
      if (!each.problems.length) return each
      return heldSettings(each, (await ledger.getSource(each.source))?.publications)
    })
    return valuesOf(held)
  }
}
