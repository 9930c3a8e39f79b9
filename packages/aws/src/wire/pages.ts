/** Page by page, as lists are read. */

/**
 * The pages that `read` gives, each asked for with the token of the one before. Ends where a page names no next one, and
 * where it names itself, which would never end.
 */
export async function* pagesOf<Page>(
  read: (token: string | undefined) => Promise<Page>,
  tokenOf: (page: Page) => string | undefined,
): AsyncGenerator<Page> {
  for (let token: string | undefined; ; ) {
    const page = await read(token)
    yield page
    const next = tokenOf(page)
    if (!next || next === token) return
    token = next
  }
}
