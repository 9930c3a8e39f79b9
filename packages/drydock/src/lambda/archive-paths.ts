/** Paths in deployment packages. Apart from what checks the packages, so that it can be used without the client. */

/** Whether a path in an archive would be written outside of where the archive is unpacked. */
export function isOutside(name: string): boolean {
  return name.startsWith('/') || /^[a-zA-Z]:|\\/.test(name) || name.split('/').includes('..')
}
