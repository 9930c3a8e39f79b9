/** The six examples of the CloudWatch User Guide; a wait of 2 and an extension of 3 time units, here minutes. */
import { expect, test } from 'vitest'
import type { StateValue, Suppression } from './state.ts'
import { afterSuppressor, afterTime, afterTransition } from './suppression.ts'

const MINUTE = 60_000
const SUPPRESSOR = { alarm: 's', given: 's', waitSeconds: 120, extensionSeconds: 180 }

/** What happens at each time unit: `!` the composite alarm changes, A and O the suppressor's new state. */
function play(script: string): string {
  let current: Suppression | undefined
  let suppressor: StateValue = 'OK'
  const shown = [...script].map((what, unit) => {
    const now = unit * MINUTE
    current = afterTime(current, now)
    if (what === 'A' || what === 'O') {
      suppressor = what === 'A' ? 'ALARM' : 'OK'
      current = afterSuppressor(current, SUPPRESSOR, suppressor, now)
    }
    if (what === '!') current = afterTransition(SUPPRESSOR, suppressor, now)
    return current?.by[0] ?? '.'
  })
  return shown.join('')
}

test.each([
  ['actions are not suppressed after the wait', '..!.......', '..WW......'],
  ['the suppressor suppresses before the wait is over', '..!A......', '..WAAAAAAA'],
  ['a transition during the wait begins a new one', '..!!......', '..WWW.....'],
  ['a suppressor that was there before suppresses at once', 'A.!.......', '..AAAAAAAA'],
  ['actions are not suppressed after the extension', '..!A..O...', '..WAAAEEE.'],
  ['a transition during the extension begins a wait', '..!A..O!..', '..WAAAEWW.'],
  ['a suppressor that comes back during the extension suppresses', '..!A..OA..', '..WAAAEAAA'],
  ['a suppressor that comes late suppresses nothing', '..!...A...', '..WW......'],
])('%s', (_, script, expected) => {
  expect(play(script)).toBe(expected)
})

test('periods of zero seconds hold nothing back', () => {
  const none = { ...SUPPRESSOR, waitSeconds: 0, extensionSeconds: 0 }
  expect(afterTransition(none, 'OK', 0)).toBeUndefined()
  expect(afterSuppressor({ by: 'Alarm' }, none, 'OK', 0)).toBeUndefined()
})
