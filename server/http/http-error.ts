import type { Issue } from '../../lib/bad-input.ts'

interface Particulars {
  headers?: Record<string, string>
  issues?: readonly Issue[]
}

/** An answer that is no success, with a sentence for whoever asked. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  readonly headers: Record<string, string>
  readonly issues: readonly Issue[]

  constructor(status: number, detail: string, { headers = {}, issues = [] }: Particulars = {}) {
    super(detail)
    this.status = status
    this.headers = headers
    this.issues = issues
  }
}
