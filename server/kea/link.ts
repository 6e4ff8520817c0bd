/** One control socket: sends a command as JSON, and answers with the text that came back. Rejects with Unanswered. */
export interface Link {
  ask(command: string, signal: AbortSignal): Promise<string>
  close(): Promise<void>
}

/** A page of 10,000 leases has about 3 MB; a configuration with 100,000 reservations about 25. */
export const MOST_BYTES = 64 * 1024 * 1024
