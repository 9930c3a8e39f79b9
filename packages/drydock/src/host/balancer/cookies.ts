/** The cookies that keep a client with its target (AWSALB, AWSALBAPP) and its target group (AWSALBTG). Pure. */

/** Stickiness of a response: where the client shall come back to, and until when (milliseconds since the epoch). */
export interface Stuck {
  readonly to: string
  readonly until: number
}

/** The value of a cookie in a Cookie header; undefined if there is none. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [key = '', ...value] = part.split('=')
    if (key.trim() === name) return value.join('=').trim()
  }
  return undefined
}

/** Where a cookie of ours says that the client belongs; undefined if it is not ours, or too old. */
export function stuckTo(value: string | undefined, now: number): string | undefined {
  if (value === undefined) return undefined
  const [until, to] = Buffer.from(value, 'base64url').toString().split(' ')
  return to !== undefined && Number(until) > now ? to : undefined
}

/** The Set-Cookie headers. As with AWS, a twin of the cookie goes with requests of other sites' pages. */
export function setCookies(name: string, { to, until }: Stuck): string[] {
  const value = Buffer.from(`${until} ${to}`).toString('base64url')
  const cookie = (full: string) => `${full}=${value}; Expires=${new Date(until).toUTCString()}; Path=/`
  // An application-based cookie has no twin (ALB User Guide, sticky sessions).
  return name.startsWith('AWSALBAPP')
    ? [cookie(name)]
    : [cookie(name), `${cookie(`${name}CORS`)}; SameSite=None`]
}
