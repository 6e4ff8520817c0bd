import { readFileSync } from 'node:fs'

const read = <T>(name: string): T[] =>
  readFileSync(new URL(`fixtures/kea/${name}.jsonl`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as T)

/** An HTTP answer of a real Kea, with the command that it answers; see fixtures/kea/control/README.md. */
export interface RecordedAnswer {
  name: string
  status: number
  body: unknown
}

const answers = (name: string): ReadonlyMap<string, RecordedAnswer> =>
  new Map(read<RecordedAnswer>(`control/${name}`).map(answer => [answer.name, answer]))

/** Of the control agent of Kea 2.2.0. */
export const kea22 = (): ReadonlyMap<string, RecordedAnswer> => answers('kea22')

/** Of Kea 3.0.4: its control agent, and dhcp4's own HTTP socket. */
export const kea304 = (): ReadonlyMap<string, RecordedAnswer> => answers('kea304')

/** The arguments of answers to config-get. */
export const configurations = (): { name: string; arguments: Record<string, unknown> }[] => read('control/config-get')

/** What the nodes of HA pairs said of themselves. */
export interface RecordedHa {
  run: string
  step: string
  node: string
  command: 'status-get' | 'ha-heartbeat'
  answer: { result: number; text?: string; arguments?: Record<string, unknown> }
}

export const haAnswers = (): RecordedHa[] => read('ha/answers')
