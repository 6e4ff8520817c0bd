import { readFile, rename, writeFile } from 'node:fs/promises'
import type { KeaConfiguration } from '../../lib/kea/kea-config.ts'
import type { Kea } from './kea.ts'

/** By name and service: what it said of its configuration when it was asked, or a sentence why that is not known. */
export type KeaAnswers = ReadonlyMap<string, KeaConfiguration | string>

/**
 * What each Kea's configuration last said, kept beside the store so that scopes which come from Kea are known at a start
 * at which Kea does not answer.
 */
export class Configurations {
  #path: string
  #known: Map<string, KeaConfiguration>

  private constructor(path: string, known: Map<string, KeaConfiguration>) {
    this.#path = path
    this.#known = known
  }

  /** A file that is missing or not understood is no harm: Kea will say it again. */
  static async open(path: string): Promise<Configurations> {
    const known = await readFile(path, 'utf8')
      .then(text => new Map<string, KeaConfiguration>(JSON.parse(text)))
      .catch(() => new Map<string, KeaConfiguration>())
    return new Configurations(path, known)
  }

  get all(): KeaConfiguration[] {
    return [...this.#known.values()]
  }

  /** Asks every service; what does not answer stays as it was known. Gives what each answered now. */
  async refresh(keas: readonly Kea[]): Promise<KeaAnswers> {
    const before = this.#text()
    const answers = new Map<string, KeaConfiguration | string>()
    for (const kea of keas) {
      for (const service of kea.services) {
        const told = await kea.configuration(service)
        answers.set(`${kea.name} ${service}`, told)
        if (typeof told !== 'string') this.#known.set(`${kea.name} ${service}`, told)
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
