import { TSIG_ERROR, type TsigCheck } from './tsig.ts'

/**
 * What an answer to an UPDATE means: `yes`, it was made; `prerequisite`, the zone is not as the attempt requires;
 * `refused`, this key may not do this here; `unreachable`, nothing was learnt and another server may know.
 */
export type Meaning = 'yes' | 'prerequisite' | 'refused' | 'unreachable'

export interface UpdateAnswer {
  meaning: Meaning
  /** Whether one change of a batch may be at fault, so that the others are worth trying without it. */
  fault: 'change' | 'message'
  /** What the server said, for a person. */
  text: string
}

/** What came back for one message; `tsig` is null when messages go unsigned. */
interface ServerReply {
  rcode: number
  tsig: TsigCheck | null
}

/** Or nothing came, or nothing that can be read: `noReply` says so, as a sentence without its subject. */
export type Reply = ServerReply | { noReply: string }

/** RFC 2136 §2.2, §4.5, §4.6. */
const RCODES: Record<number, UpdateAnswer> = {
  0: { meaning: 'yes', fault: 'message', text: 'NOERROR' },
  1: { meaning: 'refused', fault: 'change', text: 'FORMERR (it does not understand the message)' },
  2: { meaning: 'unreachable', fault: 'change', text: 'SERVFAIL (it failed)' },
  3: { meaning: 'prerequisite', fault: 'change', text: 'NXDOMAIN (a name that must exist does not)' },
  4: { meaning: 'unreachable', fault: 'message', text: 'NOTIMP (it takes no updates)' },
  5: { meaning: 'refused', fault: 'change', text: 'REFUSED (its policy forbids this update)' },
  6: { meaning: 'prerequisite', fault: 'change', text: 'YXDOMAIN (the name is in use)' },
  7: { meaning: 'prerequisite', fault: 'change', text: 'YXRRSET (an RRset that must not exist does)' },
  8: { meaning: 'prerequisite', fault: 'change', text: 'NXRRSET (an RRset is not what it was when it was written)' },
  9: { meaning: 'refused', fault: 'message', text: 'NOTAUTH (it is not the server of this zone)' },
  10: { meaning: 'refused', fault: 'change', text: 'NOTZONE (a name is not within the zone)' },
}

/** The name of an RCODE, such as `REFUSED`. */
export const rcodeName = (rcode: number): string => RCODES[rcode]?.text.split(' ')[0] ?? `RCODE ${rcode}`

/** RFC 8945 §3. */
const TSIG_ERRORS: Record<number, string> = {
  [TSIG_ERROR.BADSIG]: 'BADSIG (the key has another secret there)',
  [TSIG_ERROR.BADKEY]: 'BADKEY (it does not know the key, or knows it with another algorithm)',
  [TSIG_ERROR.BADTIME]: 'BADTIME (the clocks differ too much)',
  [TSIG_ERROR.BADTRUNC]: 'BADTRUNC (it wants a longer signature)',
}

const skewed = (skew: number | null): string =>
  skew === null ? '' : `: its clock is ${Math.abs(skew)} s ${skew < 0 ? 'behind' : 'ahead of'} ours`

const answered = (rcode: number): UpdateAnswer =>
  RCODES[rcode] ?? { meaning: 'unreachable', fault: 'change', text: `RCODE ${rcode}` }

const judge = ({ rcode, tsig }: ServerReply): UpdateAnswer => {
  if (tsig?.kind === 'untrue') {
    return {
      meaning: 'unreachable',
      fault: 'change',
      text: `${answered(rcode).text}, which is not believed: ${tsig.why}`,
    }
  }
  if (tsig?.kind === 'error') {
    const text = (TSIG_ERRORS[tsig.error] ?? `TSIG error ${tsig.error}`) + skewed(tsig.skew)
    return { meaning: 'refused', fault: 'message', text }
  }
  return answered(rcode)
}

/** The one place where what `server` said becomes what it means. */
export const updateAnswerOf = (server: string, reply: Reply): UpdateAnswer => {
  if ('noReply' in reply) return { meaning: 'unreachable', fault: 'message', text: `${server} ${reply.noReply}` }
  const answer = judge(reply)
  return { ...answer, text: `${server} says ${answer.text}` }
}
