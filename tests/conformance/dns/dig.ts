/** Questions by dig to the DNS server of an engine. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { isInstalled } from '../sqs/programs.ts'

const run = promisify(execFile)

export const hasDig = isInstalled('dig', '-v')

/** `dig` resolves with the whole text, `short` with the lines of the answers. `address` is `127.0.0.1:5353`. */
export function digAt(address = '') {
  const [server = '', port = ''] = address.split(':')
  const dig = async (...args: string[]) =>
    (await run('dig', [`@${server}`, '-p', port, '+tries=1', '+time=3', ...args])).stdout
  const short = async (...args: string[]) =>
    (await dig('+short', ...args)).split('\n').filter((line) => line !== '')
  return { dig, short }
}
