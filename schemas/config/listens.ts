/** Where HTTP listens unless leasehold.json says otherwise. It stands alone, so that a question can be asked without the schemas. */
export const LISTENS = { host: '127.0.0.1', port: 8053 } as const
