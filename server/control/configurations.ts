/*
 * Keeps the last known configuration of every Kea.
 */

import { readFile, rename, writeFile } from 'node:fs/promises'
import type { KeaConfiguration } from '../../lib/kea/kea-config.ts'
import type { Kea } from './kea.ts'

/** What each Kea answered, by `name service`: its configuration, or a sentence that says why it is not known. */
export type KeaAnswers = ReadonlyMap<string, KeaConfiguration | string>

/**
 * The last known configuration of each Kea, in a file beside the store. The scopes that come from Kea are so known at a
 * start at which Kea does not answer.
 */
export class Configurations {
  #path: string
  #known: Map<string, KeaConfiguration>

  private constructor(path: string, known: Map<string, KeaConfiguration>) {
    this.#path = path
    this.#known = known
  }

  /** Reads the file at `path`. A file that is missing or damaged does no harm, because Kea is asked again. */
  static async open(path: string): Promise<Configurations> {
    const known = await readFile(path, 'utf8')
      .then(text => new Map<string, KeaConfiguration>(JSON.parse(text)))
      .catch(() => new Map<string, KeaConfiguration>())
    return new Configurations(path, known)
  }

  /** Every configuration that is known, by the Kea and its service: `kea1 dhcp4`. */
  get byService(): ReadonlyMap<string, KeaConfiguration> {
    return this.#known
  }

  /** Every configuration that is known. */
  get all(): KeaConfiguration[] {
    return [...this.#known.values()]
  }

  /**
   * Asks every service, and returns what each answered. A service that does not answer keeps its last known
   * configuration.
   */
  async refresh(keas: readonly Kea[]): Promise<KeaAnswers> {
    const before = this.#text()
    const answers = new Map<string, KeaConfiguration | string>()
    for (const kea of keas) {
      for (const service of kea.services) {
        const answer = await kea.configuration(service)
        answers.set(`${kea.name} ${service}`, answer)
        if (typeof answer !== 'string') this.#known.set(`${kea.name} ${service}`, answer)
      }
    }
    const after = this.#text()
    if (after !== before) {
      await writeFile(`${this.#path}.new`, after, { mode: 0o600 })
      await rename(`${this.#path}.new`, this.#path)
    }
    return answers
  }

  #text(): string {
    return JSON.stringify([...this.#known])
  }
}
