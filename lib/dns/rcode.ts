import { TSIG_ERROR, type TsigCheck } from './tsig.ts'

/**
 * What an answer to an UPDATE means: `yes`, it was made; `prerequisite`, the zone is not as the attempt requires;
 * `refused`, this key may not do this here; `unreachable`, nothing was learnt and another server may know.
 */
export type Meaning = 'yes' | 'prerequisite' | 'refused' | 'unreachable'

export interface Verdict {
  means: Meaning
  /** Whether one change of a batch may be at fault, so that the others are worth trying without it. */
  blames: 'one' | 'all'
  /** What the server said, for a person. */
  says: string
}

/** What came back for one message; `tsig` is null when messages go unsigned. */
interface Answer {
  rcode: number
  tsig: TsigCheck | null
}

/** Or nothing came, or nothing that can be read: `silence` says so, as a sentence without its subject. */
export type Reply = Answer | { silence: string }

/** RFC 2136 §2.2, §4.5, §4.6. */
const RCODES: Record<number, Verdict> = {
  0: { means: 'yes', blames: 'all', says: 'NOERROR' },
  1: { means: 'refused', blames: 'one', says: 'FORMERR (it does not understand the message)' },
  2: { means: 'unreachable', blames: 'one', says: 'SERVFAIL (it failed)' },
  3: { means: 'prerequisite', blames: 'one', says: 'NXDOMAIN (a name that must exist does not)' },
  4: { means: 'unreachable', blames: 'all', says: 'NOTIMP (it takes no updates)' },
  5: { means: 'refused', blames: 'one', says: 'REFUSED (its policy forbids this update)' },
  6: { means: 'prerequisite', blames: 'one', says: 'YXDOMAIN (the name is in use)' },
  7: { means: 'prerequisite', blames: 'one', says: 'YXRRSET (an RRset that must not exist does)' },
  8: { means: 'prerequisite', blames: 'one', says: 'NXRRSET (an RRset is not what it was when it was written)' },
  9: { means: 'refused', blames: 'all', says: 'NOTAUTH (it is not the server of this zone)' },
  10: { means: 'refused', blames: 'one', says: 'NOTZONE (a name is not within the zone)' },
}

/** The name of an RCODE, such as `REFUSED`. */
export const rcodeName = (rcode: number): string => RCODES[rcode]?.says.split(' ')[0] ?? `RCODE ${rcode}`

/** RFC 8945 §3. */
const TSIG_ERRORS: Record<number, string> = {
  [TSIG_ERROR.BADSIG]: 'BADSIG (the key has another secret there)',
  [TSIG_ERROR.BADKEY]: 'BADKEY (it does not know the key, or knows it with another algorithm)',
  [TSIG_ERROR.BADTIME]: 'BADTIME (the clocks differ too much)',
  [TSIG_ERROR.BADTRUNC]: 'BADTRUNC (it wants a longer signature)',
}

const skewed = (skew: number | null): string =>
  skew === null ? '' : `: its clock is ${Math.abs(skew)} s ${skew < 0 ? 'behind' : 'ahead of'} ours`

const answered = (rcode: number): Verdict =>
  RCODES[rcode] ?? { means: 'unreachable', blames: 'one', says: `RCODE ${rcode}` }

const judge = ({ rcode, tsig }: Answer): Verdict => {
  if (tsig?.kind === 'untrue') {
    return { means: 'unreachable', blames: 'one', says: `${answered(rcode).says}, which is not believed: ${tsig.why}` }
  }
  if (tsig?.kind === 'error') {
    const says = (TSIG_ERRORS[tsig.error] ?? `TSIG error ${tsig.error}`) + skewed(tsig.skew)
    return { means: 'refused', blames: 'all', says }
  }
  return answered(rcode)
}

/** The one place where what `server` said becomes what it means. */
export const verdictOf = (server: string, reply: Reply): Verdict => {
  if ('silence' in reply) return { means: 'unreachable', blames: 'all', says: `${server} ${reply.silence}` }
  const verdict = judge(reply)
  return { ...verdict, says: `${server} says ${verdict.says}` }
}
