const CITIZEN = '/api/v1/citizen/'

/** A request as Swagger UI is about to send it. */
export interface TriedRequest {
  url: string
  headers: Record<string, string>
}

/**
 * Names the purpose that the console has chosen, as the console's own calls do: the document has no parameter for it, and
 * people are shown for a purpose only. It goes to this server alone, and not to the portal's part of it.
 */
export function withPurpose<T extends TriedRequest>(request: T, purpose: string | null, here: string = location.href): T {
  const url = new URL(request.url, here)
  if (purpose === null || url.origin !== new URL(here).origin || url.pathname.startsWith(CITIZEN)) return request
  return { ...request, headers: { ...request.headers, 'Huimin-Purpose': purpose } }
}
