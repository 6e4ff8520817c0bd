/* What the API takes and answers, as types. Made from openapi.json by `npm run openapi`. */

export interface paths {
    "/v1/callouts/{point}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Report a hook event
         * @description What Kea's run_script hook tells a script. The answer comes when the decisions are on disk; DNS is done afterwards. Role: callout.
         */
        post: operations["reportCallout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Report lease events
         * @description One lease event or up to 10,000 in the field names of Kea's lease commands. All are taken, or none. Role: callout.
         */
        post: operations["reportEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/records": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List DNS records
         * @description The DNS records that Leasehold wants or has published. Role: read.
         */
        get: operations["listRecords"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/leases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List leases
         * @description What is known of the leases of all addresses. `phase` is that of the A or AAAA record of a lease. Role: read.
         */
        get: operations["listLeases"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/names": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List names
         * @description One item a name, both families in it: its phase, the reason, its addresses and client, and what people meant of it. Role: read.
         */
        get: operations["listNames"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/names/{fqdn}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Explain a name
         * @description All that is known of a name: its records, leases and policy, why it is there, and when it goes. Role: read.
         */
        get: operations["getName"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/names/{fqdn}/pin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Keep a name
         * @description Nothing that is published under the name goes when its lease expires or is released. A second pin replaces the first. Role: operate.
         */
        post: operations["pinName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/names/{fqdn}/unpin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a pin back
         * @description What the policy does not keep goes at once, or once its grace is over. Role: operate.
         */
        post: operations["unpinName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/names/{fqdn}/promote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a name infrastructure
         * @description The name is kept as that of a reserved host, its TTL is a day, and no other client gets it than those that hold it now. Role: operate.
         */
        post: operations["promoteName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/names/{fqdn}/demote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a promotion back
         * @description The name is again kept as the policy of its scope says. Role: operate.
         */
        post: operations["demoteName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/names/{fqdn}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let go what stays
         * @description What stays after its lease ended is taken away now; a pin is dropped. What is at a server that is gone is forgotten, and DNS may still hold it. 409 while the lease lives. Role: operate.
         */
        post: operations["releaseName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/names/{fqdn}/give-back": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a name back to Leasehold
         * @description What a person made or changed in DNS is replaced, once, by what is wanted now. 409 when the name is neither protected nor in conflict, or nothing is wanted. Role: operate.
         */
        post: operations["giveBackName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/names/{fqdn}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bring back what was removed
         * @description The name is published again and stays as if pinned, while its address is free or that of its client. 409 with the reason else. Role: operate.
         */
        post: operations["restoreName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clients/{client}/name": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Give a client its name
         * @description The client's leases have this name, whatever the client says. It holds at once for its leases, and waits where it has none. Role: operate.
         */
        put: operations["assignName"];
        post?: never;
        /**
         * Take back a client's name
         * @description Its leases are called again as its reservation or the client itself says. Role: operate.
         */
        delete: operations["unassignName"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/names/{fqdn}/alias": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Make a name an alias
         * @description The name becomes a CNAME of the target while Leasehold has that in DNS. The target may be unknown yet. A second alias of the name replaces the first. Role: operate.
         */
        put: operations["aliasName"];
        post?: never;
        /**
         * Take an alias back
         * @description The CNAME goes, if it still is as Leasehold wrote it. A lease that asked for the name gets it. Role: operate.
         */
        delete: operations["unaliasName"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/scopes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List scopes
         * @description The subnets with their policies, every field decided, and where each comes from. Role: read.
         */
        get: operations["listScopes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/scopes/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change the policy of a scope
         * @description Sets policy fields over those of the configuration; null takes back what was set. It acts at once on the names that are there, and outlasts a restart. A change that would remove too many records at once is answered 202: it waits in a hold, and the old policy stays in force. Role: operate.
         */
        patch: operations["setPolicy"];
        trace?: never;
    };
    "/v1/scopes/{name}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a change of policy
         * @description What a PATCH of the scope with this body would do. Nothing changes. Role: read.
         */
        post: operations["previewPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what is to be done
         * @description What is wanted and not yet applied: records that DNS is to get, change or lose, and what they wait for. Role: read.
         */
        get: operations["listPlan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reconcile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The last catch-up with Kea
         * @description The last catch-up with Kea. Role: read.
         */
        get: operations["getReconcile"];
        put?: never;
        /**
         * Catch up with Kea now
         * @description Catches up with what Kea knows. The answer is a run that began after the call; with `wait=false`, where a run is under way already, that one. Role: operate.
         */
        post: operations["startReconcile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List holds
         * @description What a catch-up would end, or a change of policy would remove, and a person is to decide, or has decided of late. Role: read.
         */
        get: operations["listHolds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/holds/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A hold with all that it would end
         * @description A hold with all that it would end. Role: read.
         */
        get: operations["getHold"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/holds/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Do what a hold proposes
         * @description Ends of leases: Kea is asked again, and the ends that still are true are taken; policy decides what becomes of the names. A change of policy: it comes into force. Role: operate.
         */
        post: operations["approveHold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/holds/{id}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Keep what a hold would remove
         * @description Its ends are not taken, and not proposed again; its policy does not come into force. Role: operate.
         */
        post: operations["rejectHold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop writing DNS
         * @description Events are still taken and decided; DNS waits. It outlasts a restart. Role: operate.
         */
        post: operations["pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go on writing DNS
         * @description What waited is written. Role: operate.
         */
        post: operations["resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/findings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List findings
         * @description What is not as it should be, each with its reason and its remedy. One that is over is gone. Role: read.
         */
        get: operations["listFindings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Search the audit log
         * @description Decisions, outcomes and what people asked for, newest first. With `accept: text/csv` it is CSV; `Link` then names the next page. Role: read.
         */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Hear what happens
         * @description Server-sent events: `status` at once and when it changes, `audit` for each entry of the audit log. After `Last-Event-ID` what was missed is sent first, at most 1,000 entries; else `reset`. Role: read.
         */
        get: operations["getStream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The whole at a glance
         * @description The whole at a glance. Role: read.
         */
        get: operations["getStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the process answers
         * @description Whether the process answers. Needs no token.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether events are taken
         * @description 200 when the store takes commits, what was known is taken up, and Kea was asked for its subnets; else 503 with the reason. Needs no token.
         */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics for Prometheus
         * @description Metrics for Prometheus. Role: read.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This description
         * @description This description. Needs no token.
         */
        get: operations["getOpenApi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The events were taken. */
        Accepted: {
            /** @description Lease events that were taken; they are on disk, and so is what they decided. */
            accepted: number;
            /** @description Empty at a standby: the Leasehold that leads decides. */
            decisions: components["schemas"]["Decision"][];
        };
        /** @description The name as it is after what was meant of it. */
        Act: {
            name: string;
            /** @description Of the record that tells most: the A or AAAA that is nearest to being published. */
            phase: ("pending" | "published" | "retained" | "awaiting" | "removing" | "removed" | "conflict" | "protected") | null;
            reason: string | null;
            dueAt: string | null;
            /** @description The records of the name, the PTR records that point at it, and what others have there. */
            records: components["schemas"]["SeenRecord"][];
            /** @description The leases that ask for it or whose records these are. */
            leases: components["schemas"]["Lease"][];
            policy: {
                /** @enum {string} */
                profile: "conservative" | "balanced" | "aggressive";
                retainOnExpiry: boolean;
                retainOnRelease: boolean;
                retainPtrOnExpiry: boolean;
                retainPtrOnRelease: boolean;
                grace: {
                    /** @description Seconds. */
                    expiry: number;
                    /** @description Seconds. */
                    release: number;
                };
                ttl: number | {
                    percent: number;
                    /** @description Seconds. */
                    min: number;
                    /** @description Seconds. */
                    max: number;
                };
                hostnameSource: ("fqdn" | "hostname" | "client-id" | "hw-address")[];
                /** @enum {string} */
                conflictPolicy: "replace-owned" | "skip-existing" | "strict-fail";
                /** @enum {string} */
                addresses: "one" | "all";
                /** @enum {string} */
                ptrConflict: "keep" | "replace";
                forward: boolean;
                deny: string[];
                allow: string[];
                overdueAfter: number | "lease-time";
                publishReservations: boolean;
                /** @description Seconds. */
                infrastructureAfter: number;
                scope: string;
            } | null;
            /** @description What people meant of it, and is in force. */
            intent: components["schemas"]["Intent"][];
            /** @description Why it is so: who asks for it, who has it, why it stays, and what DNS said; each by a rule. */
            explain: {
                rule: string;
                says: string;
            }[];
            /** @description What a person can do with it now: POST /v1/names/{fqdn}/{action}. */
            actions: {
                /** @enum {string} */
                action: "pin" | "unpin" | "promote" | "demote" | "release" | "give-back" | "restore";
                /** @description What it means. */
                does: string;
                /** @description What it would change at once. */
                changes: components["schemas"]["Decision"][];
            }[];
            /** @description Newest first. */
            history: components["schemas"]["HistoryEntry"][];
            /** @description What follows from it at once; DNS is brought there afterwards. */
            decisions: components["schemas"]["Decision"][];
        };
        /** @description Whether this node writes DNS. */
        Activity: {
            /** @description A person stopped the writing of DNS; events are taken all the same. */
            paused: boolean;
            /** @description The Kea of this node serves. */
            active: boolean;
            /** @description Why this node does not write DNS now; null when it does. */
            idle: string | null;
        };
        /** @description An alias, with all that is known of its name. */
        Alias: {
            name: string;
            /** @description Of the record that tells most: the A or AAAA that is nearest to being published. */
            phase: ("pending" | "published" | "retained" | "awaiting" | "removing" | "removed" | "conflict" | "protected") | null;
            reason: string | null;
            dueAt: string | null;
            /** @description The records of the name, the PTR records that point at it, and what others have there. */
            records: components["schemas"]["SeenRecord"][];
            /** @description The leases that ask for it or whose records these are. */
            leases: components["schemas"]["Lease"][];
            policy: {
                /** @enum {string} */
                profile: "conservative" | "balanced" | "aggressive";
                retainOnExpiry: boolean;
                retainOnRelease: boolean;
                retainPtrOnExpiry: boolean;
                retainPtrOnRelease: boolean;
                grace: {
                    /** @description Seconds. */
                    expiry: number;
                    /** @description Seconds. */
                    release: number;
                };
                ttl: number | {
                    percent: number;
                    /** @description Seconds. */
                    min: number;
                    /** @description Seconds. */
                    max: number;
                };
                hostnameSource: ("fqdn" | "hostname" | "client-id" | "hw-address")[];
                /** @enum {string} */
                conflictPolicy: "replace-owned" | "skip-existing" | "strict-fail";
                /** @enum {string} */
                addresses: "one" | "all";
                /** @enum {string} */
                ptrConflict: "keep" | "replace";
                forward: boolean;
                deny: string[];
                allow: string[];
                overdueAfter: number | "lease-time";
                publishReservations: boolean;
                /** @description Seconds. */
                infrastructureAfter: number;
                scope: string;
            } | null;
            /** @description What people meant of it, and is in force. */
            intent: components["schemas"]["Intent"][];
            /** @description Why it is so: who asks for it, who has it, why it stays, and what DNS said; each by a rule. */
            explain: {
                rule: string;
                says: string;
            }[];
            /** @description What a person can do with it now: POST /v1/names/{fqdn}/{action}. */
            actions: {
                /** @enum {string} */
                action: "pin" | "unpin" | "promote" | "demote" | "release" | "give-back" | "restore";
                /** @description What it means. */
                does: string;
                /** @description What it would change at once. */
                changes: components["schemas"]["Decision"][];
            }[];
            /** @description Newest first. */
            history: components["schemas"]["HistoryEntry"][];
            /** @description Where the alias leads. */
            target: string;
            by: string;
            /**
             * Format: date-time
             * @example 2026-11-21T08:00:00.000Z
             */
            at: string;
            why: string | null;
        };
        /** @description The name that a client has, whatever it says itself. */
        Assignment: {
            client: string;
            name: string;
            /** @description The scope in which it holds; null for all. */
            scope: string | null;
            by: string;
            /**
             * Format: date-time
             * @example 2026-11-21T08:00:00.000Z
             */
            at: string;
            why: string | null;
        };
        /** @description One page of the audit log. */
        AuditPage: {
            /** @description Newest first. */
            items: components["schemas"]["HistoryEntry"][];
            /** @description `cursor` of the next page, which may be empty; null on the last one. */
            next: string | null;
        };
        /** @description What was decided about one DNS record. `rule` is a stable id, `reason` says the same to a person. A `skip` is a decision too. */
        Decision: {
            /** @enum {string} */
            verb: "publish" | "keep" | "await" | "remove" | "conflict" | "skip" | "forget";
            record: {
                name: string | null;
                type: ("A" | "AAAA" | "PTR" | "CNAME") | null;
                value: string | null;
            };
            rule: string;
            reason: string;
        };
        /** @description The end of one lease, which waits. */
        Ending: {
            address: string;
            name: string | null;
            client: string | null;
            /**
             * @description How the lease would end.
             * @enum {string}
             */
            kind: "committed" | "renewed" | "released" | "declined" | "expired" | "recovered" | "deleted" | "moved" | "abandoned";
            why: string;
        };
        /** @description Something that is not as it should be. */
        Finding: {
            /** @description The same while the cause lasts, over a restart too. */
            id: string;
            /** @enum {string} */
            kind: "two-writers" | "zone-refused" | "zone-missing" | "server-unreachable" | "backend-gone" | "kea-unreachable" | "kea-command-missing" | "source-unauthorised" | "source-malformed" | "source-silent" | "lease-file-unreadable" | "clock-skew" | "store-space" | "store-failed" | "hold" | "lease-overdue" | "bad-suffix" | "scope-gone" | "should-be-reserved" | "address-leased" | "two-names" | "churn" | "pinned-address-lost" | "webhook-failing" | "paused";
            /** @enum {string} */
            severity: "info" | "warning" | "error";
            /** @description What is at fault: a zone of a server, a service of Kea, a scope. */
            subject: string;
            /** @description What is seen, as a sentence. */
            reason: string;
            /** @description What to do about it, with what can be copied. */
            remedy: string;
            /**
             * Format: date-time
             * @example 2026-11-21T08:00:00.000Z
             */
            since: string;
        };
        /** @description One page of findings; none when all is well. */
        FindingPage: {
            items: components["schemas"]["Finding"][];
            /** @description `cursor` of the next page; null on the last one. */
            next: string | null;
        };
        /** @description This Leasehold is a standby. What was asked is kept, and the one that leads does it in its turn. What it refuses then is in its log. */
        Forwarded: {
            /** @constant */
            accepted: 1;
            /** @description Empty: the Leasehold that leads decides. */
            decisions: components["schemas"]["Decision"][];
        };
        /** @description All is well. */
        Health: {
            /** @constant */
            status: "ok";
        };
        /** @description Too many records would go at once, so the policy stays as it is until the hold is approved. */
        HeldScope: {
            name: string;
            subnet: string;
            domain: string;
            policy: {
                /** @enum {string} */
                profile: "conservative" | "balanced" | "aggressive";
                retainOnExpiry: boolean;
                retainOnRelease: boolean;
                retainPtrOnExpiry: boolean;
                retainPtrOnRelease: boolean;
                grace: {
                    /** @description Seconds. */
                    expiry: number;
                    /** @description Seconds. */
                    release: number;
                };
                ttl: number | {
                    percent: number;
                    /** @description Seconds. */
                    min: number;
                    /** @description Seconds. */
                    max: number;
                };
                hostnameSource: ("fqdn" | "hostname" | "client-id" | "hw-address")[];
                /** @enum {string} */
                conflictPolicy: "replace-owned" | "skip-existing" | "strict-fail";
                /** @enum {string} */
                addresses: "one" | "all";
                /** @enum {string} */
                ptrConflict: "keep" | "replace";
                forward: boolean;
                deny: string[];
                allow: string[];
                overdueAfter: number | "lease-time";
                publishReservations: boolean;
                /** @description Seconds. */
                infrastructureAfter: number;
            };
            /** @description Where each field comes from: the API, `config` (leasehold.json), Kea's user-context, the profile, or the default. */
            from: {
                /** @enum {string} */
                profile: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                retainOnExpiry: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                retainOnRelease: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                retainPtrOnExpiry: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                retainPtrOnRelease: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                grace: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                ttl: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                hostnameSource: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                conflictPolicy: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                addresses: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                ptrConflict: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                forward: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                deny: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                allow: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                overdueAfter: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                publishReservations: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                infrastructureAfter: "default" | "profile" | "kea" | "config" | "api";
            };
            /** @description The number of the hold. */
            hold: number;
        };
        /** @description One decision, one outcome, or what a person asked for, with its cause. */
        HistoryEntry: {
            /**
             * Format: date-time
             * @example 2026-11-21T08:00:00.000Z
             */
            at: string;
            /**
             * @description `decision`: what Leasehold decided. `outcome`: what a DNS server answered. `intent`: what a person asked for.
             * @enum {string}
             */
            what: "decision" | "outcome" | "intent";
            /** @description What led to it: a hook point, a command of Kea, a call, a timer, a restart. */
            cause: string;
            verb: ("publish" | "keep" | "await" | "remove" | "conflict" | "skip" | "forget") | ("applied" | "conflict" | "refused" | "unreachable") | ("pin" | "unpin" | "promote" | "demote" | "assign" | "unassign" | "alias" | "unalias" | "release" | "give-back" | "restore" | "set-policy" | "approve" | "reject" | "pause" | "resume");
            record: {
                name: string | null;
                type: ("A" | "AAAA" | "PTR" | "CNAME") | null;
                value: string | null;
            };
            rule: string;
            reason: string;
            /** @description The person, by the name of the token; `local` where none was needed. */
            by?: string;
            /** @description Whose lease it is about, where that is known. */
            client?: string;
            /** @description The address of that lease. */
            address?: string;
            scope?: string;
        };
        /** @description What would remove too many records at once: ends of leases, or a change of policy. It waits for a person. */
        Hold: {
            id: number;
            scope: string;
            /** @enum {string} */
            state: "open" | "approved" | "rejected" | "withdrawn";
            cause: string;
            reason: string;
            /** @description Records that would go. */
            records: number;
            /** @description Records that are owned in the scope. */
            owned: number;
            /**
             * Format: date-time
             * @example 2026-11-21T08:00:00.000Z
             */
            openedAt: string;
            decidedAt: string | null;
            /** @description Leases whose end waits. */
            total: number;
            /** @description Their ends; in a list of holds the first 100. */
            endings: components["schemas"]["Ending"][];
            /** @description The change of policy that waits, where it is not ends of leases. */
            policy?: {
                /** @description What would be set; null resets a field. */
                fields: {
                    profile?: ("conservative" | "balanced" | "aggressive") | null;
                    retainOnExpiry?: boolean | null;
                    retainOnRelease?: boolean | null;
                    retainPtrOnExpiry?: boolean | null;
                    retainPtrOnRelease?: boolean | null;
                    grace?: {
                        /** @description Seconds. */
                        expiry: number;
                        /** @description Seconds. */
                        release: number;
                    } | null;
                    ttl?: (number | {
                        percent: number;
                        /** @description Seconds. */
                        min: number;
                        /** @description Seconds. */
                        max: number;
                    }) | null;
                    hostnameSource?: ("fqdn" | "hostname" | "client-id" | "hw-address")[] | null;
                    conflictPolicy?: ("replace-owned" | "skip-existing" | "strict-fail") | null;
                    addresses?: ("one" | "all") | null;
                    ptrConflict?: ("keep" | "replace") | null;
                    forward?: boolean | null;
                    deny?: string[] | null;
                    allow?: string[] | null;
                    overdueAfter?: (number | "lease-time") | null;
                    publishReservations?: boolean | null;
                    infrastructureAfter?: number | null;
                };
                /** @description Who set it. */
                by: string;
                /** @description What would go: the first 1,000; in a list of holds the first 100. */
                going: components["schemas"]["Decision"][];
            };
        };
        /** @description Holds, the newest first. */
        HoldList: {
            items: components["schemas"]["Hold"][];
        };
        /** @description What a person meant of the name. */
        Intent: {
            /** @enum {string} */
            kind: "pin" | "promote" | "assign" | "alias";
            /** @description Who meant it: the name of the token, else `local`. */
            by: string;
            /**
             * Format: date-time
             * @example 2026-11-21T08:00:00.000Z
             */
            at: string;
            why: string | null;
            /** @description When it ends; null when it has no end. */
            until: string | null;
            /** @description Where an alias leads. */
            target?: string;
        };
        /** @description One service of one Kea that can be asked. */
        Kea: {
            kea: string;
            /** @enum {string} */
            service: "dhcp4" | "dhcp6";
            /** @description null until it has been asked. */
            reachable: boolean | null;
            /** @description Why it cannot be reached, or what it lacks; null when all is well. */
            problem: string | null;
            /** @description Since when it is so. */
            since: string | null;
            version: string | null;
            /** @description When it last listed all its leases; null when it never did. */
            lastListing: string | null;
            /** @description Whether it serves; null where it is not one of a pair. */
            ha: {
                /** @enum {string} */
                active: "active" | "standby" | "unknown";
                state: string | null;
                reason: string;
            } | null;
        };
        Lane: {
            /** @description The name of its entry in `dns`. */
            backend: string;
            zone: string;
            /**
             * @description `refused`: for reasons of key, ACL or zone. `gone`: there is no such entry in `dns` any more.
             * @enum {string}
             */
            state: "open" | "refused" | "unreachable" | "gone";
            /**
             * Format: date-time
             * @description Since when it is in this state.
             * @example 2026-11-21T08:00:00.000Z
             */
            since: string;
            /** @description When the server last answered; null where it has not since the start. */
            lastAnswer: string | null;
            /** @description Records of ours that DNS has there, or may have. */
            owned: number;
            /** @description Names that wait for their turn or for a retry. */
            waiting: number;
            inFlight: number;
            /** @description Of those that wait, names that have a wait of their own. */
            retrying: number;
            /** @description Why nothing goes out, or why some names do not; null when all is well. */
            problem: string | null;
            retryAt: string | null;
        };
        /** @description The last run, which may still be under way; null when there was none. */
        LastRun: {
            run: components["schemas"]["Run"] | null;
        };
        /** @description All that is known of the lease of one address. */
        Lease: {
            address: string;
            family: 4 | 6;
            scope: string;
            /**
             * @description `default` while the lease lasts, then how it ended.
             * @enum {string}
             */
            state: "default" | "expired" | "deleted" | "released" | "moved" | "recovered" | "declined" | "abandoned" | "unknown";
            client: string | null;
            clientId: string | null;
            hwAddress: string | null;
            duid: string | null;
            iaid: number | null;
            /** @description As the client asked for it and Kea stored it. */
            hostname: string;
            /** @description The DNS name that policy gives it, or null. */
            name: string | null;
            /** @description The rule by which it has that name, or none. */
            rule: string;
            /** @description The phase of its A or AAAA record; null where there is none. */
            phase: ("pending" | "published" | "retained" | "awaiting" | "removing" | "removed" | "conflict" | "protected") | null;
            /** @description When the client was last heard (CLTT). */
            cltt: string | null;
            /** @description When it runs out; null when it never does. */
            expiry: string | null;
            subnetId: number | null;
            /**
             * @description Its time is over and nobody told how it went on.
             * @constant
             */
            overdue?: true;
            /**
             * @description Its CLTT was more than five minutes ahead of our clock when it was heard: a clock is wrong.
             * @constant
             */
            clockAhead?: true;
        };
        /** @description One page of leases. */
        LeasePage: {
            items: components["schemas"]["Lease"][];
            /** @description `cursor` of the next page; null on the last one. */
            next: string | null;
        };
        /** @description All that is known of one name. */
        Name: {
            name: string;
            /** @description Of the record that tells most: the A or AAAA that is nearest to being published. */
            phase: ("pending" | "published" | "retained" | "awaiting" | "removing" | "removed" | "conflict" | "protected") | null;
            reason: string | null;
            dueAt: string | null;
            /** @description The records of the name, the PTR records that point at it, and what others have there. */
            records: components["schemas"]["SeenRecord"][];
            /** @description The leases that ask for it or whose records these are. */
            leases: components["schemas"]["Lease"][];
            policy: {
                /** @enum {string} */
                profile: "conservative" | "balanced" | "aggressive";
                retainOnExpiry: boolean;
                retainOnRelease: boolean;
                retainPtrOnExpiry: boolean;
                retainPtrOnRelease: boolean;
                grace: {
                    /** @description Seconds. */
                    expiry: number;
                    /** @description Seconds. */
                    release: number;
                };
                ttl: number | {
                    percent: number;
                    /** @description Seconds. */
                    min: number;
                    /** @description Seconds. */
                    max: number;
                };
                hostnameSource: ("fqdn" | "hostname" | "client-id" | "hw-address")[];
                /** @enum {string} */
                conflictPolicy: "replace-owned" | "skip-existing" | "strict-fail";
                /** @enum {string} */
                addresses: "one" | "all";
                /** @enum {string} */
                ptrConflict: "keep" | "replace";
                forward: boolean;
                deny: string[];
                allow: string[];
                overdueAfter: number | "lease-time";
                publishReservations: boolean;
                /** @description Seconds. */
                infrastructureAfter: number;
                scope: string;
            } | null;
            /** @description What people meant of it, and is in force. */
            intent: components["schemas"]["Intent"][];
            /** @description Why it is so: who asks for it, who has it, why it stays, and what DNS said; each by a rule. */
            explain: {
                rule: string;
                says: string;
            }[];
            /** @description What a person can do with it now: POST /v1/names/{fqdn}/{action}. */
            actions: {
                /** @enum {string} */
                action: "pin" | "unpin" | "promote" | "demote" | "release" | "give-back" | "restore";
                /** @description What it means. */
                does: string;
                /** @description What it would change at once. */
                changes: components["schemas"]["Decision"][];
            }[];
            /** @description Newest first. */
            history: components["schemas"]["HistoryEntry"][];
        };
        /** @description One name in short, both families in it. */
        NameItem: {
            name: string;
            /** @description Of the record that tells most; null where there is none. */
            phase: ("pending" | "published" | "retained" | "awaiting" | "removing" | "removed" | "conflict" | "protected") | null;
            rule: string | null;
            /** @description Why, as a sentence. */
            reason: string | null;
            dueAt: string | null;
            origin: ("dynamic" | "reservation" | "manual") | null;
            scope: string | null;
            /** @description Those that the name has, or is to have. */
            addresses: string[];
            /** @description Of both families, and the PTR records that point at the name. */
            records: {
                name: string;
                /** @enum {string} */
                type: "A" | "AAAA" | "PTR" | "CNAME";
                value: string;
                /** @enum {string} */
                phase: "pending" | "published" | "retained" | "awaiting" | "removing" | "removed" | "conflict" | "protected";
            }[];
            client: string | null;
            /** @description As the client asked for it; null where it said none. */
            hostname: string | null;
            /** @description When its lease runs out; null when it never does, or there is none. */
            expiry: string | null;
            /** @description What a person meant of it. */
            intent: ("pin" | "promote" | "assign" | "alias" | "policy")[];
            updatedAt: string | null;
        };
        /** @description One page of names. */
        NamePage: {
            items: components["schemas"]["NameItem"][];
            /** @description `cursor` of the next page; null on the last one. */
            next: string | null;
            /** @description Names that match, on all pages together. */
            total: number;
        };
        /** @description A record of which DNS does not hold yet what is wanted. */
        PlanItem: {
            /** @description Without the trailing dot. */
            name: string;
            /** @enum {string} */
            type: "A" | "AAAA" | "PTR" | "CNAME";
            value: string;
            /** @description Seconds; null where nothing is wanted and nothing is published. */
            ttl: number | null;
            zone: string;
            scope: string;
            /** @enum {string} */
            origin: "dynamic" | "reservation" | "manual";
            /**
             * @description `awaiting`: it goes at `dueAt`. `conflict`: the name belongs to somebody else. `protected`: a person took it over.
             * @enum {string}
             */
            phase: "pending" | "published" | "retained" | "awaiting" | "removing" | "removed" | "conflict" | "protected";
            /** @description The stable id of the rule by which the record is, or is not, wanted. */
            rule: string;
            /** @description Why, as a sentence. */
            reason: string;
            /** @description When policy changes it next; null when nothing is due. */
            dueAt: string | null;
            /** @description Whose name it is: `id:` client-id, `hw:` hardware address, or `duid:` DUID / IAID. */
            client: string;
            /** @description What is known of the lease of its address. */
            lease: {
                address: string;
                /** @description Who holds the address now; not the client of the record when it was reassigned. */
                client: string | null;
                /** @description When the lease runs out; null when it never does. */
                expiry: string | null;
                /** @enum {string} */
                state: "default" | "expired" | "deleted" | "released" | "moved" | "recovered" | "declined" | "abandoned" | "unknown";
            } | null;
            /** @description What DNS confirmed; null while DNS is not known to hold it. */
            applied: {
                /** @description Seconds. */
                ttl: number;
            } | null;
            /** @description What DNS should hold; null when it should not hold it. */
            wanted: {
                /** @description Seconds. */
                ttl: number;
            } | null;
            /** @description What the DNS server last said against it. */
            problem: {
                /** @enum {string} */
                kind: "applied" | "conflict" | "refused" | "unreachable";
                detail: string;
                /**
                 * Format: date-time
                 * @example 2026-11-21T08:00:00.000Z
                 */
                at: string;
                tries: number;
            } | null;
            /**
             * Format: date-time
             * @example 2026-11-21T08:00:00.000Z
             */
            updatedAt: string;
            /** @description What it waits for, as a sentence. */
            waiting: string;
        };
        /** @description One page of what is wanted and not yet applied. */
        PlanPage: {
            items: components["schemas"]["PlanItem"][];
            /** @description `cursor` of the next page; null on the last one. */
            next: string | null;
        };
        /** @description What a change of policy would do. */
        PolicyPreview: {
            /** @description Decisions by verb; verbs that do not occur are left out. */
            counts: {
                [key: string]: number;
            };
            /** @description What would differ from now: the first 1,000 decisions. */
            changes: components["schemas"]["Decision"][];
            /** @description How many decisions there are besides. */
            more: number;
            /** @description That it would wait in a hold, as too many of the records that are owned would go; else null. */
            held: {
                /** @description Records that would go. */
                records: number;
                owned: number;
            } | null;
        };
        /** @description A problem document (RFC 9457). */
        Problem: {
            /** @description `about:blank`: the status says what kind of problem it is. */
            type: string;
            title: string;
            status: number;
            /** @description What is wrong, for a person. */
            detail: string;
            /** @description The fields that are at fault, where any are. */
            errors?: {
                field: string;
                expected: string;
                found: string;
            }[];
        };
        /** @description One DNS record that Leasehold wants or has published. */
        Record: {
            /** @description Without the trailing dot. */
            name: string;
            /** @enum {string} */
            type: "A" | "AAAA" | "PTR" | "CNAME";
            value: string;
            /** @description Seconds; null where nothing is wanted and nothing is published. */
            ttl: number | null;
            zone: string;
            scope: string;
            /** @enum {string} */
            origin: "dynamic" | "reservation" | "manual";
            /**
             * @description `awaiting`: it goes at `dueAt`. `conflict`: the name belongs to somebody else. `protected`: a person took it over.
             * @enum {string}
             */
            phase: "pending" | "published" | "retained" | "awaiting" | "removing" | "removed" | "conflict" | "protected";
            /** @description The stable id of the rule by which the record is, or is not, wanted. */
            rule: string;
            /** @description Why, as a sentence. */
            reason: string;
            /** @description When policy changes it next; null when nothing is due. */
            dueAt: string | null;
            /** @description Whose name it is: `id:` client-id, `hw:` hardware address, or `duid:` DUID / IAID. */
            client: string;
            /** @description What is known of the lease of its address. */
            lease: {
                address: string;
                /** @description Who holds the address now; not the client of the record when it was reassigned. */
                client: string | null;
                /** @description When the lease runs out; null when it never does. */
                expiry: string | null;
                /** @enum {string} */
                state: "default" | "expired" | "deleted" | "released" | "moved" | "recovered" | "declined" | "abandoned" | "unknown";
            } | null;
            /** @description What DNS confirmed; null while DNS is not known to hold it. */
            applied: {
                /** @description Seconds. */
                ttl: number;
            } | null;
            /** @description What DNS should hold; null when it should not hold it. */
            wanted: {
                /** @description Seconds. */
                ttl: number;
            } | null;
            /** @description What the DNS server last said against it. */
            problem: {
                /** @enum {string} */
                kind: "applied" | "conflict" | "refused" | "unreachable";
                detail: string;
                /**
                 * Format: date-time
                 * @example 2026-11-21T08:00:00.000Z
                 */
                at: string;
                tries: number;
            } | null;
            /**
             * Format: date-time
             * @example 2026-11-21T08:00:00.000Z
             */
            updatedAt: string;
        };
        /** @description One page of records. */
        RecordPage: {
            items: components["schemas"]["Record"][];
            /** @description `cursor` of the next page; null on the last one. */
            next: string | null;
        };
        ReportedLease: {
            /** @enum {string} */
            event: "committed" | "renewed" | "released" | "declined" | "expired" | "recovered" | "deleted";
            "ip-address": string;
            cltt: number;
            "valid-lft": number;
            hostname?: string;
            "subnet-id"?: number;
            "hw-address"?: string;
            "hw-type"?: number;
            "client-id"?: string;
            duid?: string;
            iaid?: number;
            state?: number | ("default" | "declined" | "expired-reclaimed" | "released" | "registered");
            /** @enum {string} */
            type?: "V4" | "IA_NA" | "IA_PD";
            "prefix-len"?: number;
        };
        /** @description One catch-up with Kea, and the look into DNS after it. */
        Run: {
            cause: string;
            /**
             * Format: date-time
             * @example 2026-11-21T08:00:00.000Z
             */
            startedAt: string;
            finishedAt: string | null;
            /** @description null while it runs. `ok`: Kea's leases, and what DNS holds of ours, are known wholly. `unknown`: some are not, so nothing was decided by what was absent. `held`: too much would have gone, and waits for a person. `standby`: another node serves. `off`: no Kea is configured that could be asked. */
            result: ("ok" | "unknown" | "held" | "standby" | "off") | null;
            /** @description Leases that were not known, or known otherwise. */
            begun: number;
            /** @description Leases that ended. */
            ended: number;
            /** @description Leases whose end waits in a hold. */
            held: number;
            /** @description Each Kea that was asked; where `complete` is false, `reason` says why nothing was removed. */
            listed: {
                kea: string;
                /** @enum {string} */
                service: "dhcp4" | "dhcp6";
                /** @enum {string} */
                standing: "active" | "standby" | "unknown";
                leases: number;
                complete: boolean;
                reason: string | null;
            }[];
            /** @description Owned records that DNS was asked for. */
            checked: number;
            /** @description Records that DNS did not have. */
            missing: number;
            /** @description Records that a person changed. */
            changed: number;
            /** @description Each zone that was looked at; where it is not `known`, `detail` says why nothing was decided by it. */
            dns: {
                backend: string;
                zone: string;
                checked: number;
                known: boolean;
                detail: string | null;
                noRoles?: string;
            }[];
        };
        /** @description One catch-up with Kea, in short. */
        RunSummary: {
            cause: string;
            /**
             * Format: date-time
             * @example 2026-11-21T08:00:00.000Z
             */
            startedAt: string;
            finishedAt: string | null;
            /** @description null while it runs. `ok`: Kea's leases, and what DNS holds of ours, are known wholly. `unknown`: some are not, so nothing was decided by what was absent. `held`: too much would have gone, and waits for a person. `standby`: another node serves. `off`: no Kea is configured that could be asked. */
            result: ("ok" | "unknown" | "held" | "standby" | "off") | null;
            /** @description Leases that were not known, or known otherwise. */
            begun: number;
            /** @description Leases that ended. */
            ended: number;
            /** @description Leases whose end waits in a hold. */
            held: number;
        };
        /** @description A subnet with its policy, every field decided. */
        Scope: {
            name: string;
            subnet: string;
            domain: string;
            policy: {
                /** @enum {string} */
                profile: "conservative" | "balanced" | "aggressive";
                retainOnExpiry: boolean;
                retainOnRelease: boolean;
                retainPtrOnExpiry: boolean;
                retainPtrOnRelease: boolean;
                grace: {
                    /** @description Seconds. */
                    expiry: number;
                    /** @description Seconds. */
                    release: number;
                };
                ttl: number | {
                    percent: number;
                    /** @description Seconds. */
                    min: number;
                    /** @description Seconds. */
                    max: number;
                };
                hostnameSource: ("fqdn" | "hostname" | "client-id" | "hw-address")[];
                /** @enum {string} */
                conflictPolicy: "replace-owned" | "skip-existing" | "strict-fail";
                /** @enum {string} */
                addresses: "one" | "all";
                /** @enum {string} */
                ptrConflict: "keep" | "replace";
                forward: boolean;
                deny: string[];
                allow: string[];
                overdueAfter: number | "lease-time";
                publishReservations: boolean;
                /** @description Seconds. */
                infrastructureAfter: number;
            };
            /** @description Where each field comes from: the API, `config` (leasehold.json), Kea's user-context, the profile, or the default. */
            from: {
                /** @enum {string} */
                profile: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                retainOnExpiry: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                retainOnRelease: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                retainPtrOnExpiry: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                retainPtrOnRelease: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                grace: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                ttl: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                hostnameSource: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                conflictPolicy: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                addresses: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                ptrConflict: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                forward: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                deny: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                allow: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                overdueAfter: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                publishReservations: "default" | "profile" | "kea" | "config" | "api";
                /** @enum {string} */
                infrastructureAfter: "default" | "profile" | "kea" | "config" | "api";
            };
        };
        /** @description All scopes. */
        ScopeList: {
            items: components["schemas"]["Scope"][];
        };
        /** @description A record of a name: of Leasehold, or what somebody else has there (origin `manual`, with `seenSince`). */
        SeenRecord: {
            /** @description Without the trailing dot. */
            name: string;
            /** @description Of what somebody else made it can be any type. */
            type: string;
            value: string;
            /** @description Seconds; null where nothing is wanted and nothing is published. */
            ttl: number | null;
            zone: string;
            scope: string;
            /** @enum {string} */
            origin: "dynamic" | "reservation" | "manual";
            /**
             * @description `awaiting`: it goes at `dueAt`. `conflict`: the name belongs to somebody else. `protected`: a person took it over.
             * @enum {string}
             */
            phase: "pending" | "published" | "retained" | "awaiting" | "removing" | "removed" | "conflict" | "protected";
            /** @description The stable id of the rule by which the record is, or is not, wanted. */
            rule: string;
            /** @description Why, as a sentence. */
            reason: string;
            /** @description When policy changes it next; null when nothing is due. */
            dueAt: string | null;
            /** @description Whose name it is; null for what somebody else made. */
            client: string | null;
            /** @description What is known of the lease of its address. */
            lease: {
                address: string;
                /** @description Who holds the address now; not the client of the record when it was reassigned. */
                client: string | null;
                /** @description When the lease runs out; null when it never does. */
                expiry: string | null;
                /** @enum {string} */
                state: "default" | "expired" | "deleted" | "released" | "moved" | "recovered" | "declined" | "abandoned" | "unknown";
            } | null;
            /** @description What DNS confirmed; null while DNS is not known to hold it. */
            applied: {
                /** @description Seconds. */
                ttl: number;
            } | null;
            /** @description What DNS should hold; null when it should not hold it. */
            wanted: {
                /** @description Seconds. */
                ttl: number;
            } | null;
            /** @description What the DNS server last said against it. */
            problem: {
                /** @enum {string} */
                kind: "applied" | "conflict" | "refused" | "unreachable";
                detail: string;
                /**
                 * Format: date-time
                 * @example 2026-11-21T08:00:00.000Z
                 */
                at: string;
                tries: number;
            } | null;
            /**
             * Format: date-time
             * @example 2026-11-21T08:00:00.000Z
             */
            updatedAt: string;
            /**
             * Format: date-time
             * @description Only of what somebody else made: since when it has been seen.
             * @example 2026-11-21T08:00:00.000Z
             */
            seenSince?: string;
        };
        /** @description One source of lease events. */
        Source: {
            /** @enum {string} */
            source: "hook" | "events" | "ncr" | "lease-file";
            /** @description The name of the token, the address of the listener, or the path of the lease file. */
            name: string;
            /** @description When anything was last accepted; null when nothing was. */
            lastHeard: string | null;
            /** @description Requests, datagrams or reads that were taken since the start. */
            accepted: number;
            refused: number;
            /** @description Why the last that was refused was. */
            lastRefusal: {
                /**
                 * Format: date-time
                 * @example 2026-11-21T08:00:00.000Z
                 */
                at: string;
                /** @enum {string} */
                why: "unauthorised" | "forbidden" | "malformed" | "unavailable" | "dropped" | "unreadable";
                detail: string;
            } | null;
        };
        /** @description The whole at a glance. */
        Status: {
            version: string;
            /**
             * Format: date-time
             * @example 2026-11-21T08:00:00.000Z
             */
            startedAt: string;
            /** @description Seconds. */
            uptime: number;
            ready: boolean;
            /** @description Why it is not ready. */
            problem: string | null;
            /** @description A person stopped the writing of DNS; events are taken all the same. */
            paused: boolean;
            /** @description The Kea of this node serves. */
            active: boolean;
            /** @description Why this node does not write DNS now; null when it does. */
            idle: string | null;
            /** @description Holds that wait for a person. */
            holds: number;
            /** @description The last catch-up with Kea; null when there was none. */
            reconcile: components["schemas"]["RunSummary"] | null;
            leases: number;
            /** @description Records by phase. */
            records: {
                pending: number;
                published: number;
                retained: number;
                awaiting: number;
                removing: number;
                removed: number;
                conflict: number;
                protected: number;
            };
            /** @description Each zone of each DNS server. */
            dns: components["schemas"]["Lane"][];
            /** @description Whoever tells of leases, or tried to. */
            sources: components["schemas"]["Source"][];
            /** @description Each service of each Kea that can be asked. */
            kea: components["schemas"]["Kea"][];
            store: components["schemas"]["Store"];
            /** @description How many there are of GET /v1/findings. */
            findings: number;
            /** @description Answers of DNS servers by minute over the last hour, the oldest first; a minute without one is left out. */
            updates: {
                /**
                 * Format: date-time
                 * @example 2026-11-21T08:00:00.000Z
                 */
                at: string;
                applied: number;
                failed: number;
            }[];
        };
        /** @description Where Leasehold keeps what it knows. */
        Store: {
            path: string;
            /** @description Bytes of all its files; null until it was looked at. */
            size: number | null;
            /** @description The process that uses it. */
            holder: string;
            /** @description Bytes that are free on its disk. */
            room: number | null;
            /** @description The same in per cent of the disk. */
            roomPercent: number | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    reportCallout: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Kea's name of the hook point. */
                point: "lease4_renew" | "lease4_expire" | "lease4_recover" | "leases4_committed" | "lease4_release" | "lease4_decline" | "lease6_renew" | "lease6_rebind" | "lease6_expire" | "lease6_recover" | "leases6_committed" | "lease6_release" | "lease6_decline" | "addr6_register";
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    variables: {
                        [key: string]: string | number | boolean;
                    };
                };
                "application/x-kea-environment": string;
            };
        };
        responses: {
            /** @description The events were taken. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": 1,
                     *       "decisions": [
                     *         {
                     *           "verb": "publish",
                     *           "record": {
                     *             "name": "laptop.lab.example",
                     *             "type": "A",
                     *             "value": "10.1.0.20"
                     *           },
                     *           "rule": "lease-active",
                     *           "reason": "id:01:02:00:5e:10:00:01 holds 10.1.0.20. It stays while the lease is renewed."
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Accepted"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. Nothing was taken. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has a content type that this does not take. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reportEvents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReportedLease"] | components["schemas"]["ReportedLease"][];
            };
        };
        responses: {
            /** @description The events were taken. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": 1,
                     *       "decisions": [
                     *         {
                     *           "verb": "publish",
                     *           "record": {
                     *             "name": "h90.lab.example",
                     *             "type": "A",
                     *             "value": "10.1.0.90"
                     *           },
                     *           "rule": "lease-active",
                     *           "reason": "hw:02:00:5e:00:00:5a holds 10.1.0.90. It stays while the lease is renewed."
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Accepted"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. Nothing was taken. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has a content type that this does not take. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRecords: {
        parameters: {
            query?: {
                /** @description A part of the name, the address or the client; a MAC in any spelling. */
                q?: string;
                /** @description The name of a scope. */
                scope?: string;
                phase?: "pending" | "published" | "retained" | "awaiting" | "removing" | "removed" | "conflict" | "protected";
                /** @description A DNS name, the whole of it. */
                name?: string;
                /** @description The address of a lease, in any notation. */
                address?: string;
                /** @description A client as answers name it, or its client-id, hardware address or DUID alone. */
                client?: string;
                /** @description Items of a page at most. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of records. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "name": "10.0.1.10.in-addr.arpa",
                     *           "type": "PTR",
                     *           "value": "camera-door.lab.example",
                     *           "ttl": 300,
                     *           "zone": "1.10.in-addr.arpa",
                     *           "scope": "office",
                     *           "origin": "dynamic",
                     *           "phase": "published",
                     *           "rule": "lease-active",
                     *           "reason": "hw:02:00:5e:00:00:05 holds 10.1.0.10. It stays while the lease is renewed.",
                     *           "dueAt": null,
                     *           "client": "hw:02:00:5e:00:00:05",
                     *           "lease": {
                     *             "address": "10.1.0.10",
                     *             "client": "hw:02:00:5e:00:00:05",
                     *             "expiry": "2026-11-26T12:09:00.000Z",
                     *             "state": "default"
                     *           },
                     *           "applied": {
                     *             "ttl": 300
                     *           },
                     *           "wanted": {
                     *             "ttl": 300
                     *           },
                     *           "problem": null,
                     *           "updatedAt": "2026-11-26T11:19:00.792Z"
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": components["schemas"]["RecordPage"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listLeases: {
        parameters: {
            query?: {
                /** @description A part of the name, the address or the client; a MAC in any spelling. */
                q?: string;
                /** @description The name of a scope. */
                scope?: string;
                phase?: "pending" | "published" | "retained" | "awaiting" | "removing" | "removed" | "conflict" | "protected";
                /** @description A DNS name, the whole of it. */
                name?: string;
                /** @description The address of a lease, in any notation. */
                address?: string;
                /** @description A client as answers name it, or its client-id, hardware address or DUID alone. */
                client?: string;
                /** @description Items of a page at most. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of leases. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "address": "10.1.0.10",
                     *           "family": 4,
                     *           "scope": "office",
                     *           "state": "default",
                     *           "client": "hw:02:00:5e:00:00:05",
                     *           "clientId": null,
                     *           "hwAddress": "02:00:5e:00:00:05",
                     *           "duid": null,
                     *           "iaid": null,
                     *           "hostname": "camera-door",
                     *           "name": "camera-door.lab.example",
                     *           "rule": "named",
                     *           "phase": "published",
                     *           "cltt": "2026-11-26T11:09:00.000Z",
                     *           "expiry": "2026-11-26T12:09:00.000Z",
                     *           "subnetId": 1
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": components["schemas"]["LeasePage"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listNames: {
        parameters: {
            query?: {
                /** @description A part of the name, the address or the client; a MAC in any spelling. */
                q?: string;
                /** @description The name of a scope. */
                scope?: string;
                phase?: "pending" | "published" | "retained" | "awaiting" | "removing" | "removed" | "conflict" | "protected";
                origin?: "dynamic" | "reservation" | "manual";
                /** @description What a person meant of it. */
                intent?: "pin" | "promote" | "assign" | "alias";
                /** @description By what the names are ordered; with a minus the largest come first. `need`: first those that want a person. */
                sort?: "name" | "-name" | "need" | "-need" | "phase" | "-phase" | "scope" | "-scope" | "client" | "-client" | "address" | "-address" | "updatedAt" | "-updatedAt" | "dueAt" | "-dueAt" | "expiry" | "-expiry";
                /** @description Items of a page at most. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of names. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "name": "camera-door.lab.example",
                     *           "phase": "published",
                     *           "rule": "lease-active",
                     *           "reason": "hw:02:00:5e:00:00:05 holds 10.1.0.10. It stays while the lease is renewed.",
                     *           "dueAt": null,
                     *           "origin": "dynamic",
                     *           "scope": "office",
                     *           "addresses": [
                     *             "10.1.0.10"
                     *           ],
                     *           "records": [
                     *             {
                     *               "name": "camera-door.lab.example",
                     *               "type": "A",
                     *               "value": "10.1.0.10",
                     *               "phase": "published"
                     *             }
                     *           ],
                     *           "client": "hw:02:00:5e:00:00:05",
                     *           "hostname": "camera-door",
                     *           "expiry": "2026-11-26T12:09:00.000Z",
                     *           "intent": [],
                     *           "updatedAt": "2026-11-26T11:19:00.782Z"
                     *         }
                     *       ],
                     *       "next": null,
                     *       "total": 26
                     *     }
                     */
                    "application/json": components["schemas"]["NamePage"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A forward or reverse name, in any case, with or without the last dot. */
                fqdn: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All that is known of one name. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "node0.rack.example",
                     *       "phase": "retained",
                     *       "reason": "The lease of 10.3.0.5 expired, and the scope retains names on expiry. It stays until the address goes to another client.",
                     *       "dueAt": null,
                     *       "records": [
                     *         {
                     *           "name": "node0.rack.example",
                     *           "type": "A",
                     *           "value": "10.3.0.5",
                     *           "ttl": 300,
                     *           "zone": "rack.example",
                     *           "scope": "lab",
                     *           "origin": "dynamic",
                     *           "phase": "retained",
                     *           "rule": "retained-on-expiry",
                     *           "reason": "The lease of 10.3.0.5 expired, and the scope retains names on expiry. It stays until the address goes to another client.",
                     *           "dueAt": null,
                     *           "client": "hw:02:00:5e:00:00:50",
                     *           "lease": {
                     *             "address": "10.3.0.5",
                     *             "client": "hw:02:00:5e:00:00:50",
                     *             "expiry": "2026-11-26T11:18:50.000Z",
                     *             "state": "expired"
                     *           },
                     *           "applied": {
                     *             "ttl": 300
                     *           },
                     *           "wanted": {
                     *             "ttl": 300
                     *           },
                     *           "problem": null,
                     *           "updatedAt": "2026-11-26T11:19:00.783Z"
                     *         }
                     *       ],
                     *       "leases": [
                     *         {
                     *           "address": "10.3.0.5",
                     *           "family": 4,
                     *           "scope": "lab",
                     *           "state": "expired",
                     *           "client": "hw:02:00:5e:00:00:50",
                     *           "clientId": null,
                     *           "hwAddress": "02:00:5e:00:00:50",
                     *           "duid": null,
                     *           "iaid": null,
                     *           "hostname": "node0",
                     *           "name": "node0.rack.example",
                     *           "rule": "named",
                     *           "phase": "retained",
                     *           "cltt": "2026-11-26T10:18:50.000Z",
                     *           "expiry": "2026-11-26T11:18:50.000Z",
                     *           "subnetId": 1
                     *         }
                     *       ],
                     *       "policy": {
                     *         "scope": "lab",
                     *         "profile": "balanced",
                     *         "retainOnExpiry": true,
                     *         "retainOnRelease": false,
                     *         "retainPtrOnExpiry": false,
                     *         "retainPtrOnRelease": false,
                     *         "grace": {
                     *           "expiry": 86400,
                     *           "release": 0
                     *         },
                     *         "ttl": 300,
                     *         "hostnameSource": [
                     *           "fqdn"
                     *         ],
                     *         "conflictPolicy": "replace-owned",
                     *         "addresses": "one",
                     *         "ptrConflict": "keep",
                     *         "forward": true,
                     *         "deny": [
                     *           "wpad"
                     *         ],
                     *         "allow": [],
                     *         "overdueAfter": "lease-time",
                     *         "publishReservations": false,
                     *         "infrastructureAfter": 2592000
                     *       },
                     *       "intent": [],
                     *       "explain": [
                     *         {
                     *           "rule": "asked-for-name",
                     *           "says": "hw:02:00:5e:00:00:50 held 10.3.0.5 as node0.rack.example; that lease is over (expired) since 2026-11-26T11:19:00.757Z."
                     *         }
                     *       ],
                     *       "actions": [
                     *         {
                     *           "action": "pin",
                     *           "does": "Nothing that is published under the name goes when its lease expires or is released, until it is unpinned.",
                     *           "changes": [
                     *             {
                     *               "verb": "keep",
                     *               "record": {
                     *                 "name": "node0.rack.example",
                     *                 "type": "A",
                     *                 "value": "10.3.0.5"
                     *               },
                     *               "rule": "pinned",
                     *               "reason": "The name is pinned, so it stays though the lease of 10.3.0.5 is over."
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "history": [
                     *         {
                     *           "at": "2026-11-26T11:19:00.792Z",
                     *           "what": "outcome",
                     *           "cause": "answer of the DNS server",
                     *           "verb": "applied",
                     *           "record": {
                     *             "name": "5.0.3.10.in-addr.arpa",
                     *             "type": "PTR",
                     *             "value": "node0.rack.example"
                     *           },
                     *           "rule": "grace-on-expiry",
                     *           "reason": "DNS holds it.",
                     *           "client": "hw:02:00:5e:00:00:50",
                     *           "address": "10.3.0.5",
                     *           "scope": "lab"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Name"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pinName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A name, in any case, with or without the last dot. */
                fqdn: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Why, for whoever reads it later. */
                    why?: string;
                    /**
                     * Format: date-time
                     * @description When the pin ends, in the future; it has no end where this is left out.
                     */
                    until?: string;
                } | null;
            };
        };
        responses: {
            /** @description The name as it is after what was meant of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "node0.rack.example",
                     *       "phase": "retained",
                     *       "reason": "The name is pinned, so it stays though the lease of 10.3.0.5 is over.",
                     *       "dueAt": null,
                     *       "records": [
                     *         {
                     *           "name": "node0.rack.example",
                     *           "type": "A",
                     *           "value": "10.3.0.5",
                     *           "ttl": 300,
                     *           "zone": "rack.example",
                     *           "scope": "lab",
                     *           "origin": "dynamic",
                     *           "phase": "retained",
                     *           "rule": "pinned",
                     *           "reason": "The name is pinned, so it stays though the lease of 10.3.0.5 is over.",
                     *           "dueAt": null,
                     *           "client": "hw:02:00:5e:00:00:50",
                     *           "lease": {
                     *             "address": "10.3.0.5",
                     *             "client": "hw:02:00:5e:00:00:50",
                     *             "expiry": "2026-11-26T11:18:50.000Z",
                     *             "state": "expired"
                     *           },
                     *           "applied": {
                     *             "ttl": 300
                     *           },
                     *           "wanted": {
                     *             "ttl": 300
                     *           },
                     *           "problem": null,
                     *           "updatedAt": "2026-11-26T11:19:01.009Z"
                     *         }
                     *       ],
                     *       "leases": [
                     *         {
                     *           "address": "10.3.0.5",
                     *           "family": 4,
                     *           "scope": "lab",
                     *           "state": "expired",
                     *           "client": "hw:02:00:5e:00:00:50",
                     *           "clientId": null,
                     *           "hwAddress": "02:00:5e:00:00:50",
                     *           "duid": null,
                     *           "iaid": null,
                     *           "hostname": "node0",
                     *           "name": "node0.rack.example",
                     *           "rule": "named",
                     *           "phase": "retained",
                     *           "cltt": "2026-11-26T10:18:50.000Z",
                     *           "expiry": "2026-11-26T11:18:50.000Z",
                     *           "subnetId": 1
                     *         }
                     *       ],
                     *       "policy": {
                     *         "scope": "lab",
                     *         "profile": "balanced",
                     *         "retainOnExpiry": true,
                     *         "retainOnRelease": false,
                     *         "retainPtrOnExpiry": false,
                     *         "retainPtrOnRelease": false,
                     *         "grace": {
                     *           "expiry": 86400,
                     *           "release": 0
                     *         },
                     *         "ttl": 300,
                     *         "hostnameSource": [
                     *           "fqdn"
                     *         ],
                     *         "conflictPolicy": "replace-owned",
                     *         "addresses": "one",
                     *         "ptrConflict": "keep",
                     *         "forward": true,
                     *         "deny": [
                     *           "wpad"
                     *         ],
                     *         "allow": [],
                     *         "overdueAfter": "lease-time",
                     *         "publishReservations": false,
                     *         "infrastructureAfter": 2592000
                     *       },
                     *       "intent": [
                     *         {
                     *           "kind": "pin",
                     *           "by": "ops",
                     *           "at": "2026-11-26T11:19:01.009Z",
                     *           "why": "a test",
                     *           "until": null
                     *         }
                     *       ],
                     *       "explain": [
                     *         {
                     *           "rule": "asked-for-name",
                     *           "says": "hw:02:00:5e:00:00:50 held 10.3.0.5 as node0.rack.example; that lease is over (expired) since 2026-11-26T11:19:00.757Z."
                     *         }
                     *       ],
                     *       "actions": [
                     *         {
                     *           "action": "unpin",
                     *           "does": "What the policy does not keep goes at once, or when its grace is over.",
                     *           "changes": [
                     *             {
                     *               "verb": "keep",
                     *               "record": {
                     *                 "name": "node0.rack.example",
                     *                 "type": "A",
                     *                 "value": "10.3.0.5"
                     *               },
                     *               "rule": "retained-on-expiry",
                     *               "reason": "The lease of 10.3.0.5 expired, and the scope retains names on expiry. It stays until the address goes to another client."
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "history": [
                     *         {
                     *           "at": "2026-11-26T11:19:01.009Z",
                     *           "what": "decision",
                     *           "cause": "pin by ops",
                     *           "verb": "keep",
                     *           "record": {
                     *             "name": "5.0.3.10.in-addr.arpa",
                     *             "type": "PTR",
                     *             "value": "node0.rack.example"
                     *           },
                     *           "rule": "pinned",
                     *           "reason": "The name is pinned, so it stays though the lease of 10.3.0.5 is over.",
                     *           "client": "hw:02:00:5e:00:00:50",
                     *           "address": "10.3.0.5",
                     *           "scope": "lab"
                     *         }
                     *       ],
                     *       "decisions": [
                     *         {
                     *           "verb": "keep",
                     *           "record": {
                     *             "name": "node0.rack.example",
                     *             "type": "A",
                     *             "value": "10.3.0.5"
                     *           },
                     *           "rule": "pinned",
                     *           "reason": "The name is pinned, so it stays though the lease of 10.3.0.5 is over."
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Act"];
                };
            };
            /** @description This Leasehold is a standby. What was asked is kept, and the one that leads does it in its turn. What it refuses then is in its log. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": 1,
                     *       "decisions": []
                     *     }
                     */
                    "application/json": components["schemas"]["Forwarded"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. Nothing was taken. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has a content type that this does not take. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unpinName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A name, in any case, with or without the last dot. */
                fqdn: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Why, for whoever reads it later. */
                    why?: string;
                } | null;
            };
        };
        responses: {
            /** @description The name as it is after what was meant of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "node0.rack.example",
                     *       "phase": "retained",
                     *       "reason": "The lease of 10.3.0.5 expired, and the scope retains names on expiry. It stays until the address goes to another client.",
                     *       "dueAt": null,
                     *       "records": [
                     *         {
                     *           "name": "node0.rack.example",
                     *           "type": "A",
                     *           "value": "10.3.0.5",
                     *           "ttl": 300,
                     *           "zone": "rack.example",
                     *           "scope": "lab",
                     *           "origin": "dynamic",
                     *           "phase": "retained",
                     *           "rule": "retained-on-expiry",
                     *           "reason": "The lease of 10.3.0.5 expired, and the scope retains names on expiry. It stays until the address goes to another client.",
                     *           "dueAt": null,
                     *           "client": "hw:02:00:5e:00:00:50",
                     *           "lease": {
                     *             "address": "10.3.0.5",
                     *             "client": "hw:02:00:5e:00:00:50",
                     *             "expiry": "2026-11-26T11:18:50.000Z",
                     *             "state": "expired"
                     *           },
                     *           "applied": {
                     *             "ttl": 300
                     *           },
                     *           "wanted": {
                     *             "ttl": 300
                     *           },
                     *           "problem": null,
                     *           "updatedAt": "2026-11-26T11:19:01.014Z"
                     *         }
                     *       ],
                     *       "leases": [
                     *         {
                     *           "address": "10.3.0.5",
                     *           "family": 4,
                     *           "scope": "lab",
                     *           "state": "expired",
                     *           "client": "hw:02:00:5e:00:00:50",
                     *           "clientId": null,
                     *           "hwAddress": "02:00:5e:00:00:50",
                     *           "duid": null,
                     *           "iaid": null,
                     *           "hostname": "node0",
                     *           "name": "node0.rack.example",
                     *           "rule": "named",
                     *           "phase": "retained",
                     *           "cltt": "2026-11-26T10:18:50.000Z",
                     *           "expiry": "2026-11-26T11:18:50.000Z",
                     *           "subnetId": 1
                     *         }
                     *       ],
                     *       "policy": {
                     *         "scope": "lab",
                     *         "profile": "balanced",
                     *         "retainOnExpiry": true,
                     *         "retainOnRelease": false,
                     *         "retainPtrOnExpiry": false,
                     *         "retainPtrOnRelease": false,
                     *         "grace": {
                     *           "expiry": 86400,
                     *           "release": 0
                     *         },
                     *         "ttl": 300,
                     *         "hostnameSource": [
                     *           "fqdn"
                     *         ],
                     *         "conflictPolicy": "replace-owned",
                     *         "addresses": "one",
                     *         "ptrConflict": "keep",
                     *         "forward": true,
                     *         "deny": [
                     *           "wpad"
                     *         ],
                     *         "allow": [],
                     *         "overdueAfter": "lease-time",
                     *         "publishReservations": false,
                     *         "infrastructureAfter": 2592000
                     *       },
                     *       "intent": [],
                     *       "explain": [
                     *         {
                     *           "rule": "asked-for-name",
                     *           "says": "hw:02:00:5e:00:00:50 held 10.3.0.5 as node0.rack.example; that lease is over (expired) since 2026-11-26T11:19:00.757Z."
                     *         }
                     *       ],
                     *       "actions": [
                     *         {
                     *           "action": "pin",
                     *           "does": "Nothing that is published under the name goes when its lease expires or is released, until it is unpinned.",
                     *           "changes": [
                     *             {
                     *               "verb": "keep",
                     *               "record": {
                     *                 "name": "node0.rack.example",
                     *                 "type": "A",
                     *                 "value": "10.3.0.5"
                     *               },
                     *               "rule": "pinned",
                     *               "reason": "The name is pinned, so it stays though the lease of 10.3.0.5 is over."
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "history": [
                     *         {
                     *           "at": "2026-11-26T11:19:01.014Z",
                     *           "what": "decision",
                     *           "cause": "unpin by ops",
                     *           "verb": "await",
                     *           "record": {
                     *             "name": "5.0.3.10.in-addr.arpa",
                     *             "type": "PTR",
                     *             "value": "node0.rack.example"
                     *           },
                     *           "rule": "grace-on-expiry",
                     *           "reason": "The lease of 10.3.0.5 expired. It goes at 2026-11-27T11:19:00.757Z unless hw:02:00:5e:00:00:50 comes back before.",
                     *           "client": "hw:02:00:5e:00:00:50",
                     *           "address": "10.3.0.5",
                     *           "scope": "lab"
                     *         }
                     *       ],
                     *       "decisions": [
                     *         {
                     *           "verb": "keep",
                     *           "record": {
                     *             "name": "node0.rack.example",
                     *             "type": "A",
                     *             "value": "10.3.0.5"
                     *           },
                     *           "rule": "retained-on-expiry",
                     *           "reason": "The lease of 10.3.0.5 expired, and the scope retains names on expiry. It stays until the address goes to another client."
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Act"];
                };
            };
            /** @description This Leasehold is a standby. What was asked is kept, and the one that leads does it in its turn. What it refuses then is in its log. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": 1,
                     *       "decisions": []
                     *     }
                     */
                    "application/json": components["schemas"]["Forwarded"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. Nothing was taken. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has a content type that this does not take. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    promoteName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A name, in any case, with or without the last dot. */
                fqdn: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Why, for whoever reads it later. */
                    why?: string;
                } | null;
            };
        };
        responses: {
            /** @description The name as it is after what was meant of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "nas.lab.example",
                     *       "phase": "published",
                     *       "reason": "hw:02:00:5e:00:00:00 holds 10.1.0.5. It stays while the lease is renewed.",
                     *       "dueAt": null,
                     *       "records": [
                     *         {
                     *           "name": "nas.lab.example",
                     *           "type": "A",
                     *           "value": "10.1.0.5",
                     *           "ttl": 86400,
                     *           "zone": "lab.example",
                     *           "scope": "office",
                     *           "origin": "dynamic",
                     *           "phase": "published",
                     *           "rule": "lease-active",
                     *           "reason": "hw:02:00:5e:00:00:00 holds 10.1.0.5. It stays while the lease is renewed.",
                     *           "dueAt": null,
                     *           "client": "hw:02:00:5e:00:00:00",
                     *           "lease": {
                     *             "address": "10.1.0.5",
                     *             "client": "hw:02:00:5e:00:00:00",
                     *             "expiry": "2026-11-26T12:09:00.000Z",
                     *             "state": "default"
                     *           },
                     *           "applied": {
                     *             "ttl": 86400
                     *           },
                     *           "wanted": {
                     *             "ttl": 86400
                     *           },
                     *           "problem": null,
                     *           "updatedAt": "2026-11-26T11:19:01.021Z"
                     *         }
                     *       ],
                     *       "leases": [
                     *         {
                     *           "address": "10.1.0.5",
                     *           "family": 4,
                     *           "scope": "office",
                     *           "state": "default",
                     *           "client": "hw:02:00:5e:00:00:00",
                     *           "clientId": null,
                     *           "hwAddress": "02:00:5e:00:00:00",
                     *           "duid": null,
                     *           "iaid": null,
                     *           "hostname": "nas",
                     *           "name": "nas.lab.example",
                     *           "rule": "named",
                     *           "phase": "published",
                     *           "cltt": "2026-11-26T11:09:00.000Z",
                     *           "expiry": "2026-11-26T12:09:00.000Z",
                     *           "subnetId": 1
                     *         }
                     *       ],
                     *       "policy": {
                     *         "scope": "office",
                     *         "profile": "balanced",
                     *         "retainOnExpiry": true,
                     *         "retainOnRelease": false,
                     *         "retainPtrOnExpiry": false,
                     *         "retainPtrOnRelease": false,
                     *         "grace": {
                     *           "expiry": 86400,
                     *           "release": 0
                     *         },
                     *         "ttl": 300,
                     *         "hostnameSource": [
                     *           "fqdn"
                     *         ],
                     *         "conflictPolicy": "replace-owned",
                     *         "addresses": "one",
                     *         "ptrConflict": "keep",
                     *         "forward": true,
                     *         "deny": [
                     *           "wpad"
                     *         ],
                     *         "allow": [],
                     *         "overdueAfter": "lease-time",
                     *         "publishReservations": false,
                     *         "infrastructureAfter": 2592000
                     *       },
                     *       "intent": [
                     *         {
                     *           "kind": "promote",
                     *           "by": "ops",
                     *           "at": "2026-11-26T11:19:01.019Z",
                     *           "why": "a test",
                     *           "until": null
                     *         }
                     *       ],
                     *       "explain": [
                     *         {
                     *           "rule": "asks-for-name",
                     *           "says": "hw:02:00:5e:00:00:00 holds 10.1.0.5 by a lease, and asks for the name nas.lab.example."
                     *         }
                     *       ],
                     *       "actions": [
                     *         {
                     *           "action": "pin",
                     *           "does": "Nothing that is published under the name goes when its lease expires or is released, until it is unpinned.",
                     *           "changes": []
                     *         }
                     *       ],
                     *       "history": [
                     *         {
                     *           "at": "2026-11-26T11:19:01.021Z",
                     *           "what": "outcome",
                     *           "cause": "answer of the DNS server",
                     *           "verb": "applied",
                     *           "record": {
                     *             "name": "5.0.1.10.in-addr.arpa",
                     *             "type": "PTR",
                     *             "value": "nas.lab.example"
                     *           },
                     *           "rule": "lease-active",
                     *           "reason": "DNS holds it.",
                     *           "client": "hw:02:00:5e:00:00:00",
                     *           "address": "10.1.0.5",
                     *           "scope": "office"
                     *         }
                     *       ],
                     *       "decisions": [
                     *         {
                     *           "verb": "publish",
                     *           "record": {
                     *             "name": "nas.lab.example",
                     *             "type": "A",
                     *             "value": "10.1.0.5"
                     *           },
                     *           "rule": "lease-active",
                     *           "reason": "hw:02:00:5e:00:00:00 holds 10.1.0.5. It stays while the lease is renewed."
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Act"];
                };
            };
            /** @description This Leasehold is a standby. What was asked is kept, and the one that leads does it in its turn. What it refuses then is in its log. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": 1,
                     *       "decisions": []
                     *     }
                     */
                    "application/json": components["schemas"]["Forwarded"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is not in a state for this any more. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. Nothing was taken. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has a content type that this does not take. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    demoteName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A name, in any case, with or without the last dot. */
                fqdn: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Why, for whoever reads it later. */
                    why?: string;
                } | null;
            };
        };
        responses: {
            /** @description The name as it is after what was meant of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "nas.lab.example",
                     *       "phase": "published",
                     *       "reason": "hw:02:00:5e:00:00:00 holds 10.1.0.5. It stays while the lease is renewed.",
                     *       "dueAt": null,
                     *       "records": [
                     *         {
                     *           "name": "nas.lab.example",
                     *           "type": "A",
                     *           "value": "10.1.0.5",
                     *           "ttl": 300,
                     *           "zone": "lab.example",
                     *           "scope": "office",
                     *           "origin": "dynamic",
                     *           "phase": "published",
                     *           "rule": "lease-active",
                     *           "reason": "hw:02:00:5e:00:00:00 holds 10.1.0.5. It stays while the lease is renewed.",
                     *           "dueAt": null,
                     *           "client": "hw:02:00:5e:00:00:00",
                     *           "lease": {
                     *             "address": "10.1.0.5",
                     *             "client": "hw:02:00:5e:00:00:00",
                     *             "expiry": "2026-11-26T12:09:00.000Z",
                     *             "state": "default"
                     *           },
                     *           "applied": {
                     *             "ttl": 300
                     *           },
                     *           "wanted": {
                     *             "ttl": 300
                     *           },
                     *           "problem": null,
                     *           "updatedAt": "2026-11-26T11:19:01.026Z"
                     *         }
                     *       ],
                     *       "leases": [
                     *         {
                     *           "address": "10.1.0.5",
                     *           "family": 4,
                     *           "scope": "office",
                     *           "state": "default",
                     *           "client": "hw:02:00:5e:00:00:00",
                     *           "clientId": null,
                     *           "hwAddress": "02:00:5e:00:00:00",
                     *           "duid": null,
                     *           "iaid": null,
                     *           "hostname": "nas",
                     *           "name": "nas.lab.example",
                     *           "rule": "named",
                     *           "phase": "published",
                     *           "cltt": "2026-11-26T11:09:00.000Z",
                     *           "expiry": "2026-11-26T12:09:00.000Z",
                     *           "subnetId": 1
                     *         }
                     *       ],
                     *       "policy": {
                     *         "scope": "office",
                     *         "profile": "balanced",
                     *         "retainOnExpiry": true,
                     *         "retainOnRelease": false,
                     *         "retainPtrOnExpiry": false,
                     *         "retainPtrOnRelease": false,
                     *         "grace": {
                     *           "expiry": 86400,
                     *           "release": 0
                     *         },
                     *         "ttl": 300,
                     *         "hostnameSource": [
                     *           "fqdn"
                     *         ],
                     *         "conflictPolicy": "replace-owned",
                     *         "addresses": "one",
                     *         "ptrConflict": "keep",
                     *         "forward": true,
                     *         "deny": [
                     *           "wpad"
                     *         ],
                     *         "allow": [],
                     *         "overdueAfter": "lease-time",
                     *         "publishReservations": false,
                     *         "infrastructureAfter": 2592000
                     *       },
                     *       "intent": [],
                     *       "explain": [
                     *         {
                     *           "rule": "asks-for-name",
                     *           "says": "hw:02:00:5e:00:00:00 holds 10.1.0.5 by a lease, and asks for the name nas.lab.example."
                     *         }
                     *       ],
                     *       "actions": [
                     *         {
                     *           "action": "pin",
                     *           "does": "Nothing that is published under the name goes when its lease expires or is released, until it is unpinned.",
                     *           "changes": []
                     *         }
                     *       ],
                     *       "history": [
                     *         {
                     *           "at": "2026-11-26T11:19:01.026Z",
                     *           "what": "outcome",
                     *           "cause": "answer of the DNS server",
                     *           "verb": "applied",
                     *           "record": {
                     *             "name": "5.0.1.10.in-addr.arpa",
                     *             "type": "PTR",
                     *             "value": "nas.lab.example"
                     *           },
                     *           "rule": "lease-active",
                     *           "reason": "DNS holds it.",
                     *           "client": "hw:02:00:5e:00:00:00",
                     *           "address": "10.1.0.5",
                     *           "scope": "office"
                     *         }
                     *       ],
                     *       "decisions": [
                     *         {
                     *           "verb": "publish",
                     *           "record": {
                     *             "name": "nas.lab.example",
                     *             "type": "A",
                     *             "value": "10.1.0.5"
                     *           },
                     *           "rule": "lease-active",
                     *           "reason": "hw:02:00:5e:00:00:00 holds 10.1.0.5. It stays while the lease is renewed."
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Act"];
                };
            };
            /** @description This Leasehold is a standby. What was asked is kept, and the one that leads does it in its turn. What it refuses then is in its log. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": 1,
                     *       "decisions": []
                     *     }
                     */
                    "application/json": components["schemas"]["Forwarded"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. Nothing was taken. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has a content type that this does not take. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    releaseName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A name, in any case, with or without the last dot. */
                fqdn: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Why, for whoever reads it later. */
                    why?: string;
                } | null;
            };
        };
        responses: {
            /** @description The name as it is after what was meant of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "node0.rack.example",
                     *       "phase": "removed",
                     *       "reason": "The lease of 10.3.0.5 is over, and a person released what stayed of it.",
                     *       "dueAt": null,
                     *       "records": [
                     *         {
                     *           "name": "node0.rack.example",
                     *           "type": "A",
                     *           "value": "10.3.0.5",
                     *           "ttl": null,
                     *           "zone": "rack.example",
                     *           "scope": "lab",
                     *           "origin": "dynamic",
                     *           "phase": "removed",
                     *           "rule": "let-go",
                     *           "reason": "The lease of 10.3.0.5 is over, and a person released what stayed of it.",
                     *           "dueAt": null,
                     *           "client": "hw:02:00:5e:00:00:50",
                     *           "lease": {
                     *             "address": "10.3.0.5",
                     *             "client": "hw:02:00:5e:00:00:50",
                     *             "expiry": "2026-11-26T11:18:50.000Z",
                     *             "state": "expired"
                     *           },
                     *           "applied": null,
                     *           "wanted": null,
                     *           "problem": null,
                     *           "updatedAt": "2026-11-26T11:19:01.031Z"
                     *         }
                     *       ],
                     *       "leases": [
                     *         {
                     *           "address": "10.3.0.5",
                     *           "family": 4,
                     *           "scope": "lab",
                     *           "state": "expired",
                     *           "client": "hw:02:00:5e:00:00:50",
                     *           "clientId": null,
                     *           "hwAddress": "02:00:5e:00:00:50",
                     *           "duid": null,
                     *           "iaid": null,
                     *           "hostname": "node0",
                     *           "name": "node0.rack.example",
                     *           "rule": "named",
                     *           "phase": "removed",
                     *           "cltt": "2026-11-26T10:18:50.000Z",
                     *           "expiry": "2026-11-26T11:18:50.000Z",
                     *           "subnetId": 1
                     *         }
                     *       ],
                     *       "policy": {
                     *         "scope": "lab",
                     *         "profile": "balanced",
                     *         "retainOnExpiry": true,
                     *         "retainOnRelease": false,
                     *         "retainPtrOnExpiry": false,
                     *         "retainPtrOnRelease": false,
                     *         "grace": {
                     *           "expiry": 86400,
                     *           "release": 0
                     *         },
                     *         "ttl": 300,
                     *         "hostnameSource": [
                     *           "fqdn"
                     *         ],
                     *         "conflictPolicy": "replace-owned",
                     *         "addresses": "one",
                     *         "ptrConflict": "keep",
                     *         "forward": true,
                     *         "deny": [
                     *           "wpad"
                     *         ],
                     *         "allow": [],
                     *         "overdueAfter": "lease-time",
                     *         "publishReservations": false,
                     *         "infrastructureAfter": 2592000
                     *       },
                     *       "intent": [],
                     *       "explain": [
                     *         {
                     *           "rule": "asked-for-name",
                     *           "says": "hw:02:00:5e:00:00:50 held 10.3.0.5 as node0.rack.example; that lease is over (expired) since 2026-11-26T11:19:00.757Z."
                     *         }
                     *       ],
                     *       "actions": [
                     *         {
                     *           "action": "pin",
                     *           "does": "Nothing that is published under the name goes when its lease expires or is released, until it is unpinned.",
                     *           "changes": [
                     *             {
                     *               "verb": "keep",
                     *               "record": {
                     *                 "name": "node0.rack.example",
                     *                 "type": "A",
                     *                 "value": "10.3.0.5"
                     *               },
                     *               "rule": "pinned",
                     *               "reason": "The name is pinned, so it stays though the lease of 10.3.0.5 is over."
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "history": [
                     *         {
                     *           "at": "2026-11-26T11:19:01.031Z",
                     *           "what": "outcome",
                     *           "cause": "answer of the DNS server",
                     *           "verb": "applied",
                     *           "record": {
                     *             "name": "5.0.3.10.in-addr.arpa",
                     *             "type": "PTR",
                     *             "value": "node0.rack.example"
                     *           },
                     *           "rule": "let-go",
                     *           "reason": "Removed from DNS.",
                     *           "client": "hw:02:00:5e:00:00:50",
                     *           "address": "10.3.0.5",
                     *           "scope": "lab"
                     *         }
                     *       ],
                     *       "decisions": [
                     *         {
                     *           "verb": "remove",
                     *           "record": {
                     *             "name": "node0.rack.example",
                     *             "type": "A",
                     *             "value": "10.3.0.5"
                     *           },
                     *           "rule": "let-go",
                     *           "reason": "The lease of 10.3.0.5 is over, and a person released what stayed of it."
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Act"];
                };
            };
            /** @description This Leasehold is a standby. What was asked is kept, and the one that leads does it in its turn. What it refuses then is in its log. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": 1,
                     *       "decisions": []
                     *     }
                     */
                    "application/json": components["schemas"]["Forwarded"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is not in a state for this any more. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. Nothing was taken. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has a content type that this does not take. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    giveBackName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A name, in any case, with or without the last dot. */
                fqdn: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Why, for whoever reads it later. */
                    why?: string;
                } | null;
            };
        };
        responses: {
            /** @description The name as it is after what was meant of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "node0.rack.example",
                     *       "phase": "retained",
                     *       "reason": "The name had gone and a person brought it back. It stays until it is unpinned or released, or 10.3.0.5 goes to another client.",
                     *       "dueAt": null,
                     *       "records": [
                     *         {
                     *           "name": "node0.rack.example",
                     *           "type": "A",
                     *           "value": "10.3.0.5",
                     *           "ttl": 300,
                     *           "zone": "rack.example",
                     *           "scope": "lab",
                     *           "origin": "dynamic",
                     *           "phase": "retained",
                     *           "rule": "restored",
                     *           "reason": "The name had gone and a person brought it back. It stays until it is unpinned or released, or 10.3.0.5 goes to another client.",
                     *           "dueAt": null,
                     *           "client": "hw:02:00:5e:00:00:50",
                     *           "lease": {
                     *             "address": "10.3.0.5",
                     *             "client": "hw:02:00:5e:00:00:50",
                     *             "expiry": "2026-11-26T11:18:50.000Z",
                     *             "state": "expired"
                     *           },
                     *           "applied": {
                     *             "ttl": 300
                     *           },
                     *           "wanted": {
                     *             "ttl": 300
                     *           },
                     *           "problem": null,
                     *           "updatedAt": "2026-11-26T11:19:01.035Z"
                     *         }
                     *       ],
                     *       "leases": [
                     *         {
                     *           "address": "10.3.0.5",
                     *           "family": 4,
                     *           "scope": "lab",
                     *           "state": "expired",
                     *           "client": "hw:02:00:5e:00:00:50",
                     *           "clientId": null,
                     *           "hwAddress": "02:00:5e:00:00:50",
                     *           "duid": null,
                     *           "iaid": null,
                     *           "hostname": "node0",
                     *           "name": "node0.rack.example",
                     *           "rule": "named",
                     *           "phase": "retained",
                     *           "cltt": "2026-11-26T10:18:50.000Z",
                     *           "expiry": "2026-11-26T11:18:50.000Z",
                     *           "subnetId": 1
                     *         }
                     *       ],
                     *       "policy": {
                     *         "scope": "lab",
                     *         "profile": "balanced",
                     *         "retainOnExpiry": true,
                     *         "retainOnRelease": false,
                     *         "retainPtrOnExpiry": false,
                     *         "retainPtrOnRelease": false,
                     *         "grace": {
                     *           "expiry": 86400,
                     *           "release": 0
                     *         },
                     *         "ttl": 300,
                     *         "hostnameSource": [
                     *           "fqdn"
                     *         ],
                     *         "conflictPolicy": "replace-owned",
                     *         "addresses": "one",
                     *         "ptrConflict": "keep",
                     *         "forward": true,
                     *         "deny": [
                     *           "wpad"
                     *         ],
                     *         "allow": [],
                     *         "overdueAfter": "lease-time",
                     *         "publishReservations": false,
                     *         "infrastructureAfter": 2592000
                     *       },
                     *       "intent": [
                     *         {
                     *           "kind": "pin",
                     *           "by": "ops",
                     *           "at": "2026-11-26T11:19:01.034Z",
                     *           "why": "a test",
                     *           "until": null
                     *         }
                     *       ],
                     *       "explain": [
                     *         {
                     *           "rule": "asked-for-name",
                     *           "says": "hw:02:00:5e:00:00:50 held 10.3.0.5 as node0.rack.example; that lease is over (expired) since 2026-11-26T11:19:00.757Z."
                     *         }
                     *       ],
                     *       "actions": [
                     *         {
                     *           "action": "unpin",
                     *           "does": "What the policy does not keep goes at once, or when its grace is over.",
                     *           "changes": [
                     *             {
                     *               "verb": "remove",
                     *               "record": {
                     *                 "name": "node0.rack.example",
                     *                 "type": "A",
                     *                 "value": "10.3.0.5"
                     *               },
                     *               "rule": "let-go",
                     *               "reason": "The lease of 10.3.0.5 is over, and a person released what stayed of it."
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "history": [
                     *         {
                     *           "at": "2026-11-26T11:19:01.036Z",
                     *           "what": "outcome",
                     *           "cause": "answer of the DNS server",
                     *           "verb": "applied",
                     *           "record": {
                     *             "name": "5.0.3.10.in-addr.arpa",
                     *             "type": "PTR",
                     *             "value": "node0.rack.example"
                     *           },
                     *           "rule": "restored",
                     *           "reason": "DNS holds it.",
                     *           "client": "hw:02:00:5e:00:00:50",
                     *           "address": "10.3.0.5",
                     *           "scope": "lab"
                     *         }
                     *       ],
                     *       "decisions": [
                     *         {
                     *           "verb": "keep",
                     *           "record": {
                     *             "name": "node0.rack.example",
                     *             "type": "A",
                     *             "value": "10.3.0.5"
                     *           },
                     *           "rule": "restored",
                     *           "reason": "The name had gone and a person brought it back. It stays until it is unpinned or released, or 10.3.0.5 goes to another client."
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Act"];
                };
            };
            /** @description This Leasehold is a standby. What was asked is kept, and the one that leads does it in its turn. What it refuses then is in its log. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": 1,
                     *       "decisions": []
                     *     }
                     */
                    "application/json": components["schemas"]["Forwarded"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is not in a state for this any more. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. Nothing was taken. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has a content type that this does not take. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restoreName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A name, in any case, with or without the last dot. */
                fqdn: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Why, for whoever reads it later. */
                    why?: string;
                } | null;
            };
        };
        responses: {
            /** @description The name as it is after what was meant of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "node0.rack.example",
                     *       "phase": "retained",
                     *       "reason": "The name had gone and a person brought it back. It stays until it is unpinned or released, or 10.3.0.5 goes to another client.",
                     *       "dueAt": null,
                     *       "records": [
                     *         {
                     *           "name": "node0.rack.example",
                     *           "type": "A",
                     *           "value": "10.3.0.5",
                     *           "ttl": 300,
                     *           "zone": "rack.example",
                     *           "scope": "lab",
                     *           "origin": "dynamic",
                     *           "phase": "retained",
                     *           "rule": "restored",
                     *           "reason": "The name had gone and a person brought it back. It stays until it is unpinned or released, or 10.3.0.5 goes to another client.",
                     *           "dueAt": null,
                     *           "client": "hw:02:00:5e:00:00:50",
                     *           "lease": {
                     *             "address": "10.3.0.5",
                     *             "client": "hw:02:00:5e:00:00:50",
                     *             "expiry": "2026-11-26T11:18:50.000Z",
                     *             "state": "expired"
                     *           },
                     *           "applied": {
                     *             "ttl": 300
                     *           },
                     *           "wanted": {
                     *             "ttl": 300
                     *           },
                     *           "problem": null,
                     *           "updatedAt": "2026-11-26T11:19:01.035Z"
                     *         }
                     *       ],
                     *       "leases": [
                     *         {
                     *           "address": "10.3.0.5",
                     *           "family": 4,
                     *           "scope": "lab",
                     *           "state": "expired",
                     *           "client": "hw:02:00:5e:00:00:50",
                     *           "clientId": null,
                     *           "hwAddress": "02:00:5e:00:00:50",
                     *           "duid": null,
                     *           "iaid": null,
                     *           "hostname": "node0",
                     *           "name": "node0.rack.example",
                     *           "rule": "named",
                     *           "phase": "retained",
                     *           "cltt": "2026-11-26T10:18:50.000Z",
                     *           "expiry": "2026-11-26T11:18:50.000Z",
                     *           "subnetId": 1
                     *         }
                     *       ],
                     *       "policy": {
                     *         "scope": "lab",
                     *         "profile": "balanced",
                     *         "retainOnExpiry": true,
                     *         "retainOnRelease": false,
                     *         "retainPtrOnExpiry": false,
                     *         "retainPtrOnRelease": false,
                     *         "grace": {
                     *           "expiry": 86400,
                     *           "release": 0
                     *         },
                     *         "ttl": 300,
                     *         "hostnameSource": [
                     *           "fqdn"
                     *         ],
                     *         "conflictPolicy": "replace-owned",
                     *         "addresses": "one",
                     *         "ptrConflict": "keep",
                     *         "forward": true,
                     *         "deny": [
                     *           "wpad"
                     *         ],
                     *         "allow": [],
                     *         "overdueAfter": "lease-time",
                     *         "publishReservations": false,
                     *         "infrastructureAfter": 2592000
                     *       },
                     *       "intent": [
                     *         {
                     *           "kind": "pin",
                     *           "by": "ops",
                     *           "at": "2026-11-26T11:19:01.034Z",
                     *           "why": "a test",
                     *           "until": null
                     *         }
                     *       ],
                     *       "explain": [
                     *         {
                     *           "rule": "asked-for-name",
                     *           "says": "hw:02:00:5e:00:00:50 held 10.3.0.5 as node0.rack.example; that lease is over (expired) since 2026-11-26T11:19:00.757Z."
                     *         }
                     *       ],
                     *       "actions": [
                     *         {
                     *           "action": "unpin",
                     *           "does": "What the policy does not keep goes at once, or when its grace is over.",
                     *           "changes": [
                     *             {
                     *               "verb": "remove",
                     *               "record": {
                     *                 "name": "node0.rack.example",
                     *                 "type": "A",
                     *                 "value": "10.3.0.5"
                     *               },
                     *               "rule": "let-go",
                     *               "reason": "The lease of 10.3.0.5 is over, and a person released what stayed of it."
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "history": [
                     *         {
                     *           "at": "2026-11-26T11:19:01.036Z",
                     *           "what": "outcome",
                     *           "cause": "answer of the DNS server",
                     *           "verb": "applied",
                     *           "record": {
                     *             "name": "5.0.3.10.in-addr.arpa",
                     *             "type": "PTR",
                     *             "value": "node0.rack.example"
                     *           },
                     *           "rule": "restored",
                     *           "reason": "DNS holds it.",
                     *           "client": "hw:02:00:5e:00:00:50",
                     *           "address": "10.3.0.5",
                     *           "scope": "lab"
                     *         }
                     *       ],
                     *       "decisions": [
                     *         {
                     *           "verb": "keep",
                     *           "record": {
                     *             "name": "node0.rack.example",
                     *             "type": "A",
                     *             "value": "10.3.0.5"
                     *           },
                     *           "rule": "restored",
                     *           "reason": "The name had gone and a person brought it back. It stays until it is unpinned or released, or 10.3.0.5 goes to another client."
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Act"];
                };
            };
            /** @description This Leasehold is a standby. What was asked is kept, and the one that leads does it in its turn. What it refuses then is in its log. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": 1,
                     *       "decisions": []
                     *     }
                     */
                    "application/json": components["schemas"]["Forwarded"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is not in a state for this any more. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. Nothing was taken. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has a content type that this does not take. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    assignName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `hw:` hardware address, `id:` client-id, or `duid:` DUID. */
                client: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description A label, to which the domain of the scope is added, or a full name in a zone of the scope. */
                    name: string;
                    /** @description The name of a scope; in all where it is left out. */
                    scope?: string;
                    /** @description Why, for whoever reads it later. */
                    why?: string;
                };
            };
        };
        responses: {
            /** @description The name that a client has, whatever it says itself. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "client": "hw:02:00:5e:00:00:07",
                     *       "name": "screen",
                     *       "scope": null,
                     *       "by": "ops",
                     *       "at": "2026-11-26T11:19:01.043Z",
                     *       "why": null
                     *     }
                     */
                    "application/json": components["schemas"]["Assignment"];
                };
            };
            /** @description This Leasehold is a standby. What was asked is kept, and the one that leads does it in its turn. What it refuses then is in its log. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": 1,
                     *       "decisions": []
                     *     }
                     */
                    "application/json": components["schemas"]["Forwarded"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. Nothing was taken. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has a content type that this does not take. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unassignName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `hw:` hardware address, `id:` client-id, or `duid:` DUID. */
                client: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Why, for whoever reads it later. */
                    why?: string;
                } | null;
            };
        };
        responses: {
            /** @description This Leasehold is a standby. What was asked is kept, and the one that leads does it in its turn. What it refuses then is in its log. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": 1,
                     *       "decisions": []
                     *     }
                     */
                    "application/json": components["schemas"]["Forwarded"];
                };
            };
            /** @description The client has no given name any more. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": null;
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. Nothing was taken. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has a content type that this does not take. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    aliasName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the alias, in any case, with or without the last dot. */
                fqdn: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The name to which it leads, in any case, with or without the last dot. */
                    target: string;
                    /** @description Why, for whoever reads it later. */
                    why?: string;
                };
            };
        };
        responses: {
            /** @description An alias, with all that is known of its name. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "www.lab.example",
                     *       "phase": "published",
                     *       "reason": "www.lab.example is an alias of nas.lab.example. It stays while Leasehold has that name in DNS, until it is taken back.",
                     *       "dueAt": null,
                     *       "records": [
                     *         {
                     *           "name": "www.lab.example",
                     *           "type": "CNAME",
                     *           "value": "nas.lab.example",
                     *           "ttl": 300,
                     *           "zone": "lab.example",
                     *           "scope": "office",
                     *           "origin": "manual",
                     *           "phase": "published",
                     *           "rule": "alias",
                     *           "reason": "www.lab.example is an alias of nas.lab.example. It stays while Leasehold has that name in DNS, until it is taken back.",
                     *           "dueAt": null,
                     *           "client": "hw:02:00:5e:00:00:00",
                     *           "lease": {
                     *             "address": "10.1.0.5",
                     *             "client": "hw:02:00:5e:00:00:00",
                     *             "expiry": "2026-11-26T12:09:00.000Z",
                     *             "state": "default"
                     *           },
                     *           "applied": {
                     *             "ttl": 300
                     *           },
                     *           "wanted": {
                     *             "ttl": 300
                     *           },
                     *           "problem": null,
                     *           "updatedAt": "2026-11-26T11:19:01.058Z"
                     *         }
                     *       ],
                     *       "leases": [],
                     *       "policy": {
                     *         "scope": "office",
                     *         "profile": "balanced",
                     *         "retainOnExpiry": true,
                     *         "retainOnRelease": false,
                     *         "retainPtrOnExpiry": false,
                     *         "retainPtrOnRelease": false,
                     *         "grace": {
                     *           "expiry": 86400,
                     *           "release": 0
                     *         },
                     *         "ttl": 300,
                     *         "hostnameSource": [
                     *           "fqdn"
                     *         ],
                     *         "conflictPolicy": "replace-owned",
                     *         "addresses": "one",
                     *         "ptrConflict": "keep",
                     *         "forward": true,
                     *         "deny": [
                     *           "wpad"
                     *         ],
                     *         "allow": [],
                     *         "overdueAfter": "lease-time",
                     *         "publishReservations": false,
                     *         "infrastructureAfter": 2592000
                     *       },
                     *       "intent": [
                     *         {
                     *           "kind": "alias",
                     *           "by": "ops",
                     *           "at": "2026-11-26T11:19:01.056Z",
                     *           "why": null,
                     *           "until": null,
                     *           "target": "nas.lab.example"
                     *         }
                     *       ],
                     *       "explain": [
                     *         {
                     *           "rule": "alias",
                     *           "says": "www.lab.example is an alias of nas.lab.example. It stays while Leasehold has that name in DNS, until it is taken back."
                     *         }
                     *       ],
                     *       "actions": [
                     *         {
                     *           "action": "pin",
                     *           "does": "Nothing that is published under the name goes when its lease expires or is released, until it is unpinned.",
                     *           "changes": []
                     *         }
                     *       ],
                     *       "history": [
                     *         {
                     *           "at": "2026-11-26T11:19:01.059Z",
                     *           "what": "outcome",
                     *           "cause": "answer of the DNS server",
                     *           "verb": "applied",
                     *           "record": {
                     *             "name": "www.lab.example",
                     *             "type": "CNAME",
                     *             "value": "nas.lab.example"
                     *           },
                     *           "rule": "alias",
                     *           "reason": "DNS holds it.",
                     *           "client": "hw:02:00:5e:00:00:00",
                     *           "address": "10.1.0.5",
                     *           "scope": "office"
                     *         }
                     *       ],
                     *       "target": "nas.lab.example",
                     *       "by": "ops",
                     *       "at": "2026-11-26T11:19:01.056Z",
                     *       "why": null
                     *     }
                     */
                    "application/json": components["schemas"]["Alias"];
                };
            };
            /** @description This Leasehold is a standby. What was asked is kept, and the one that leads does it in its turn. What it refuses then is in its log. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": 1,
                     *       "decisions": []
                     *     }
                     */
                    "application/json": components["schemas"]["Forwarded"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is not in a state for this any more. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. Nothing was taken. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has a content type that this does not take. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unaliasName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the alias, in any case, with or without the last dot. */
                fqdn: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Why, for whoever reads it later. */
                    why?: string;
                } | null;
            };
        };
        responses: {
            /** @description This Leasehold is a standby. What was asked is kept, and the one that leads does it in its turn. What it refuses then is in its log. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": 1,
                     *       "decisions": []
                     *     }
                     */
                    "application/json": components["schemas"]["Forwarded"];
                };
            };
            /** @description The name is no alias any more. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": null;
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. Nothing was taken. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has a content type that this does not take. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listScopes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All scopes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "name": "office",
                     *           "subnet": "10.1.0.0/16",
                     *           "domain": "lab.example",
                     *           "policy": {
                     *             "profile": "balanced",
                     *             "retainOnExpiry": true,
                     *             "retainOnRelease": false,
                     *             "retainPtrOnExpiry": false,
                     *             "retainPtrOnRelease": false,
                     *             "grace": {
                     *               "expiry": 86400,
                     *               "release": 0
                     *             },
                     *             "ttl": 300,
                     *             "hostnameSource": [
                     *               "fqdn"
                     *             ],
                     *             "conflictPolicy": "replace-owned",
                     *             "addresses": "one",
                     *             "ptrConflict": "keep",
                     *             "forward": true,
                     *             "deny": [
                     *               "wpad"
                     *             ],
                     *             "allow": [],
                     *             "overdueAfter": "lease-time",
                     *             "publishReservations": false,
                     *             "infrastructureAfter": 2592000
                     *           },
                     *           "from": {
                     *             "profile": "default",
                     *             "retainOnExpiry": "profile",
                     *             "retainOnRelease": "profile",
                     *             "retainPtrOnExpiry": "profile",
                     *             "retainPtrOnRelease": "profile",
                     *             "grace": "profile",
                     *             "ttl": "default",
                     *             "hostnameSource": "default",
                     *             "conflictPolicy": "default",
                     *             "addresses": "default",
                     *             "ptrConflict": "default",
                     *             "forward": "default",
                     *             "deny": "default",
                     *             "allow": "default",
                     *             "overdueAfter": "default",
                     *             "publishReservations": "default",
                     *             "infrastructureAfter": "default"
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ScopeList"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a scope; of a subnet of Kea's, the subnet with its / as %2F. */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    profile?: ("conservative" | "balanced" | "aggressive") | null;
                    retainOnExpiry?: boolean | null;
                    retainOnRelease?: boolean | null;
                    retainPtrOnExpiry?: boolean | null;
                    retainPtrOnRelease?: boolean | null;
                    grace?: ((number | string) | {
                        expiry: number | string;
                        release: number | string;
                    }) | null;
                    ttl?: ((number | string) | {
                        percent: number;
                        min?: number | string;
                        max?: number | string;
                    }) | null;
                    hostnameSource?: ("fqdn" | "hostname" | "client-id" | "hw-address")[] | null;
                    conflictPolicy?: ("replace-owned" | "skip-existing" | "strict-fail") | null;
                    addresses?: ("one" | "all") | null;
                    ptrConflict?: ("keep" | "replace") | null;
                    forward?: boolean | null;
                    deny?: string[] | null;
                    allow?: string[] | null;
                    overdueAfter?: ((number | string) | "lease-time") | null;
                    publishReservations?: boolean | null;
                    infrastructureAfter?: (number | string) | null;
                };
            };
        };
        responses: {
            /** @description A subnet with its policy, every field decided. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "guests",
                     *       "subnet": "10.2.0.0/16",
                     *       "domain": "guests.example",
                     *       "policy": {
                     *         "profile": "aggressive",
                     *         "retainOnExpiry": true,
                     *         "retainOnRelease": false,
                     *         "retainPtrOnExpiry": false,
                     *         "retainPtrOnRelease": false,
                     *         "grace": {
                     *           "expiry": 10800,
                     *           "release": 0
                     *         },
                     *         "ttl": 300,
                     *         "hostnameSource": [
                     *           "fqdn"
                     *         ],
                     *         "conflictPolicy": "replace-owned",
                     *         "addresses": "one",
                     *         "ptrConflict": "keep",
                     *         "forward": true,
                     *         "deny": [
                     *           "wpad"
                     *         ],
                     *         "allow": [],
                     *         "overdueAfter": "lease-time",
                     *         "publishReservations": false,
                     *         "infrastructureAfter": 2592000
                     *       },
                     *       "from": {
                     *         "profile": "config",
                     *         "retainOnExpiry": "api",
                     *         "retainOnRelease": "profile",
                     *         "retainPtrOnExpiry": "profile",
                     *         "retainPtrOnRelease": "profile",
                     *         "grace": "config",
                     *         "ttl": "default",
                     *         "hostnameSource": "default",
                     *         "conflictPolicy": "default",
                     *         "addresses": "default",
                     *         "ptrConflict": "default",
                     *         "forward": "default",
                     *         "deny": "default",
                     *         "allow": "default",
                     *         "overdueAfter": "default",
                     *         "publishReservations": "default",
                     *         "infrastructureAfter": "default"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Scope"];
                };
            };
            /** @description Too many records would go at once, so the policy stays as it is until the hold is approved. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeldScope"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. Nothing was taken. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has a content type that this does not take. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    previewPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a scope; of a subnet of Kea's, the subnet with its / as %2F. */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    profile?: ("conservative" | "balanced" | "aggressive") | null;
                    retainOnExpiry?: boolean | null;
                    retainOnRelease?: boolean | null;
                    retainPtrOnExpiry?: boolean | null;
                    retainPtrOnRelease?: boolean | null;
                    grace?: ((number | string) | {
                        expiry: number | string;
                        release: number | string;
                    }) | null;
                    ttl?: ((number | string) | {
                        percent: number;
                        min?: number | string;
                        max?: number | string;
                    }) | null;
                    hostnameSource?: ("fqdn" | "hostname" | "client-id" | "hw-address")[] | null;
                    conflictPolicy?: ("replace-owned" | "skip-existing" | "strict-fail") | null;
                    addresses?: ("one" | "all") | null;
                    ptrConflict?: ("keep" | "replace") | null;
                    forward?: boolean | null;
                    deny?: string[] | null;
                    allow?: string[] | null;
                    overdueAfter?: ((number | string) | "lease-time") | null;
                    publishReservations?: boolean | null;
                    infrastructureAfter?: (number | string) | null;
                };
            };
        };
        responses: {
            /** @description What a change of policy would do. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "counts": {
                     *         "keep": 2
                     *       },
                     *       "changes": [
                     *         {
                     *           "verb": "keep",
                     *           "record": {
                     *             "name": "tablet.guests.example",
                     *             "type": "A",
                     *             "value": "10.2.0.5"
                     *           },
                     *           "rule": "retained-on-expiry",
                     *           "reason": "The lease of 10.2.0.5 expired, and the scope retains names on expiry. It stays until the address goes to another client."
                     *         }
                     *       ],
                     *       "more": 0,
                     *       "held": null
                     *     }
                     */
                    "application/json": components["schemas"]["PolicyPreview"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. Nothing was taken. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has a content type that this does not take. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPlan: {
        parameters: {
            query?: {
                /** @description Items of a page at most. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of what is wanted and not yet applied. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "name": "router.lab.example",
                     *           "type": "A",
                     *           "value": "10.1.0.41",
                     *           "ttl": 300,
                     *           "zone": "lab.example",
                     *           "scope": "office",
                     *           "origin": "dynamic",
                     *           "phase": "conflict",
                     *           "rule": "name-in-use",
                     *           "reason": "router.lab.example is in DNS already and is not Leasehold's, so nothing was written: it has A 10.1.0.1.",
                     *           "dueAt": null,
                     *           "client": "hw:02:00:5e:00:00:29",
                     *           "lease": {
                     *             "address": "10.1.0.41",
                     *             "client": "hw:02:00:5e:00:00:29",
                     *             "expiry": "2026-11-26T12:09:00.000Z",
                     *             "state": "default"
                     *           },
                     *           "applied": null,
                     *           "wanted": {
                     *             "ttl": 300
                     *           },
                     *           "problem": {
                     *             "kind": "conflict",
                     *             "detail": "it has A 10.1.0.1",
                     *             "at": "2026-11-26T11:19:00.795Z",
                     *             "tries": 1
                     *           },
                     *           "updatedAt": "2026-11-26T11:19:00.795Z",
                     *           "waiting": "The name is somebody else's in DNS. It is looked at again by each run."
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": components["schemas"]["PlanPage"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReconcile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The last run, which may still be under way; null when there was none. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "run": {
                     *         "cause": "asked for by the API",
                     *         "startedAt": "2026-11-26T11:19:01.077Z",
                     *         "finishedAt": "2026-11-26T11:19:01.090Z",
                     *         "result": "off",
                     *         "begun": 0,
                     *         "ended": 1,
                     *         "held": 0,
                     *         "listed": [],
                     *         "checked": 50,
                     *         "missing": 0,
                     *         "changed": 0,
                     *         "dns": [
                     *           {
                     *             "backend": "local",
                     *             "zone": "lab.example",
                     *             "checked": 11,
                     *             "known": true,
                     *             "detail": null
                     *           }
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["LastRun"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    startReconcile: {
        parameters: {
            query?: {
                /** @description Whether the answer comes when the run has ended. */
                wait?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run has ended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "cause": "asked for by the API",
                     *       "startedAt": "2026-11-26T11:19:01.077Z",
                     *       "finishedAt": "2026-11-26T11:19:01.090Z",
                     *       "result": "off",
                     *       "begun": 0,
                     *       "ended": 1,
                     *       "held": 0,
                     *       "listed": [],
                     *       "checked": 50,
                     *       "missing": 0,
                     *       "changed": 0,
                     *       "dns": [
                     *         {
                     *           "backend": "local",
                     *           "zone": "lab.example",
                     *           "checked": 11,
                     *           "known": true,
                     *           "detail": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description The run is under way. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listHolds: {
        parameters: {
            query?: {
                state?: "open" | "approved" | "rejected" | "withdrawn";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Holds, the newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": 1,
                     *           "scope": "lab",
                     *           "state": "open",
                     *           "cause": "policy set by ops",
                     *           "reason": "24 of the 24 records owned in lab (100 %) would go at once, so the policy stays as it is until a person decides.",
                     *           "records": 24,
                     *           "owned": 24,
                     *           "openedAt": "2026-11-26T11:19:00.982Z",
                     *           "decidedAt": null,
                     *           "total": 0,
                     *           "endings": [],
                     *           "policy": {
                     *             "fields": {
                     *               "retainOnExpiry": false,
                     *               "grace": {
                     *                 "expiry": 0,
                     *                 "release": 0
                     *               }
                     *             },
                     *             "by": "ops",
                     *             "going": [
                     *               {
                     *                 "verb": "remove",
                     *                 "record": {
                     *                   "name": "node0.rack.example",
                     *                   "type": "A",
                     *                   "value": "10.3.0.5"
                     *                 },
                     *                 "rule": "expired",
                     *                 "reason": "The lease of 10.3.0.5 expired, and the scope does not retain names on expiry."
                     *               }
                     *             ]
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["HoldList"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHold: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The number of a hold. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What would remove too many records at once: ends of leases, or a change of policy. It waits for a person. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "scope": "lab",
                     *       "state": "open",
                     *       "cause": "policy set by ops",
                     *       "reason": "24 of the 24 records owned in lab (100 %) would go at once, so the policy stays as it is until a person decides.",
                     *       "records": 24,
                     *       "owned": 24,
                     *       "openedAt": "2026-11-26T11:19:00.982Z",
                     *       "decidedAt": null,
                     *       "total": 0,
                     *       "endings": [],
                     *       "policy": {
                     *         "fields": {
                     *           "retainOnExpiry": false,
                     *           "grace": {
                     *             "expiry": 0,
                     *             "release": 0
                     *           }
                     *         },
                     *         "by": "ops",
                     *         "going": [
                     *           {
                     *             "verb": "remove",
                     *             "record": {
                     *               "name": "node0.rack.example",
                     *               "type": "A",
                     *               "value": "10.3.0.5"
                     *             },
                     *             "rule": "expired",
                     *             "reason": "The lease of 10.3.0.5 expired, and the scope does not retain names on expiry."
                     *           }
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Hold"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    approveHold: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The number of a hold. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What would remove too many records at once: ends of leases, or a change of policy. It waits for a person. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "scope": "lab",
                     *       "state": "approved",
                     *       "cause": "policy set by ops",
                     *       "reason": "24 of the 24 records owned in lab (100 %) would go at once, so the policy stays as it is until a person decides.",
                     *       "records": 24,
                     *       "owned": 24,
                     *       "openedAt": "2026-11-26T11:19:00.982Z",
                     *       "decidedAt": "2026-11-26T11:19:01.097Z",
                     *       "total": 0,
                     *       "endings": [],
                     *       "policy": {
                     *         "fields": {
                     *           "retainOnExpiry": false,
                     *           "grace": {
                     *             "expiry": 0,
                     *             "release": 0
                     *           }
                     *         },
                     *         "by": "ops",
                     *         "going": [
                     *           {
                     *             "verb": "remove",
                     *             "record": {
                     *               "name": "node0.rack.example",
                     *               "type": "A",
                     *               "value": "10.3.0.5"
                     *             },
                     *             "rule": "expired",
                     *             "reason": "The lease of 10.3.0.5 expired, and the scope does not retain names on expiry."
                     *           }
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Hold"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is not in a state for this any more. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rejectHold: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The number of a hold. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What would remove too many records at once: ends of leases, or a change of policy. It waits for a person. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "scope": "lab",
                     *       "state": "rejected",
                     *       "cause": "policy set by ops",
                     *       "reason": "24 of the 24 records owned in lab (100 %) would go at once, so the policy stays as it is until a person decides.",
                     *       "records": 24,
                     *       "owned": 24,
                     *       "openedAt": "2026-11-26T11:19:00.982Z",
                     *       "decidedAt": "2026-11-26T11:19:01.097Z",
                     *       "total": 0,
                     *       "endings": [],
                     *       "policy": {
                     *         "fields": {
                     *           "retainOnExpiry": false,
                     *           "grace": {
                     *             "expiry": 0,
                     *             "release": 0
                     *           }
                     *         },
                     *         "by": "ops",
                     *         "going": [
                     *           {
                     *             "verb": "remove",
                     *             "record": {
                     *               "name": "node0.rack.example",
                     *               "type": "A",
                     *               "value": "10.3.0.5"
                     *             },
                     *             "rule": "expired",
                     *             "reason": "The lease of 10.3.0.5 expired, and the scope does not retain names on expiry."
                     *           }
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Hold"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is not in a state for this any more. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pause: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether this node writes DNS. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "paused": true,
                     *       "active": true,
                     *       "idle": "A person paused the writing of DNS."
                     *     }
                     */
                    "application/json": components["schemas"]["Activity"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resume: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether this node writes DNS. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "paused": false,
                     *       "active": true,
                     *       "idle": null
                     *     }
                     */
                    "application/json": components["schemas"]["Activity"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listFindings: {
        parameters: {
            query?: {
                /** @description Items of a page at most. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of findings; none when all is well. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "should-be-reserved:router.lab.example 10.1.0.1",
                     *           "kind": "should-be-reserved",
                     *           "severity": "warning",
                     *           "subject": "router.lab.example 10.1.0.1",
                     *           "reason": "A person made router.lab.example A 10.1.0.1 in DNS, inside the scope office. Nobody holds a lease of it, and it is not reserved, so Kea may give it to another machine.",
                     *           "remedy": "Add it to \"reservations\" of leasehold.json, and reserve it in Kea: {\"scope\":\"office\",\"client\":\"hw:MAC\",\"name\":\"router\",\"address\":\"10.1.0.1\"}.",
                     *           "since": "2026-11-26T11:19:00.680Z"
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": components["schemas"]["FindingPage"];
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAudit: {
        parameters: {
            query?: {
                /** @description A DNS name, the whole of it: an entry of a PTR is found by either of its names. */
                name?: string;
                /** @description The address of a lease, in any notation. */
                address?: string;
                /** @description A client as answers name it, or a MAC alone in any spelling. */
                client?: string;
                /** @description The name of a scope. */
                scope?: string;
                /** @description The id of a rule. */
                rule?: string;
                verb?: ("publish" | "keep" | "await" | "remove" | "conflict" | "skip" | "forget") | ("applied" | "conflict" | "refused" | "unreachable") | ("pin" | "unpin" | "promote" | "demote" | "assign" | "unassign" | "alias" | "unalias" | "release" | "give-back" | "restore" | "set-policy" | "approve" | "reject" | "pause" | "resume");
                /** @description Only entries from this time on. */
                since?: string;
                /** @description Only entries up to this time. */
                until?: string;
                /** @description With `address`: the one entry by which the address was held at this time, if it was. */
                at?: string;
                /** @description Items of a page at most. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of the audit log. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "at": "2026-11-26T11:19:01.113Z",
                     *           "what": "intent",
                     *           "cause": "POST /v1/resume",
                     *           "verb": "resume",
                     *           "record": {
                     *             "name": null,
                     *             "type": null,
                     *             "value": null
                     *           },
                     *           "rule": "resume",
                     *           "reason": "The writing of DNS goes on.",
                     *           "by": "ops"
                     *         }
                     *       ],
                     *       "next": "33586423"
                     *     }
                     */
                    "application/json": components["schemas"]["AuditPage"];
                    /**
                     * @example at,what,cause,verb,name,type,value,rule,reason,by,client,address,scope
                     *     2026-11-26T11:19:01.113Z,intent,POST /v1/resume,resume,,,,resume,The writing of DNS goes on.,ops,,,
                     */
                    "text/csv": string;
                };
            };
            /** @description Something in the request is not what it must be; `errors` names the fields. Nothing was taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getStream: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `id` of the last `audit` that was heard. */
                "last-event-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An event stream. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example id: 1
                     *     event: audit
                     *     data: {"at":"2026-11-21T08:00:00.000Z","what":"decision","verb":"publish", ...}
                     */
                    "text/event-stream": string;
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole at a glance. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "version": "0.1.0",
                     *       "startedAt": "2026-11-26T11:19:00.537Z",
                     *       "uptime": 0,
                     *       "ready": true,
                     *       "problem": null,
                     *       "paused": false,
                     *       "active": true,
                     *       "idle": null,
                     *       "holds": 0,
                     *       "reconcile": {
                     *         "cause": "asked for by the API",
                     *         "startedAt": "2026-11-26T11:19:01.077Z",
                     *         "finishedAt": "2026-11-26T11:19:01.090Z",
                     *         "result": "off",
                     *         "begun": 0,
                     *         "ended": 1,
                     *         "held": 0
                     *       },
                     *       "leases": 26,
                     *       "records": {
                     *         "pending": 0,
                     *         "published": 20,
                     *         "retained": 16,
                     *         "awaiting": 14,
                     *         "removing": 0,
                     *         "removed": 3,
                     *         "conflict": 2,
                     *         "protected": 0
                     *       },
                     *       "dns": [
                     *         {
                     *           "backend": "local",
                     *           "zone": "lab.example",
                     *           "state": "open",
                     *           "since": "2026-11-26T11:19:00.742Z",
                     *           "lastAnswer": "2026-11-26T11:19:01.065Z",
                     *           "waiting": 0,
                     *           "inFlight": 0,
                     *           "retrying": 0,
                     *           "problem": null,
                     *           "retryAt": null,
                     *           "owned": 11
                     *         }
                     *       ],
                     *       "sources": [
                     *         {
                     *           "source": "events",
                     *           "name": "ops",
                     *           "lastHeard": "2026-11-26T11:19:00.993Z",
                     *           "accepted": 2,
                     *           "refused": 0,
                     *           "lastRefusal": null
                     *         }
                     *       ],
                     *       "kea": [],
                     *       "store": {
                     *         "path": "/var/lib/leasehold",
                     *         "size": 324,
                     *         "holder": "process 22862 on vm",
                     *         "room": 81393803264,
                     *         "roomPercent": 30.1
                     *       },
                     *       "findings": 2,
                     *       "updates": [
                     *         {
                     *           "at": "2026-11-26T11:19:00.000Z",
                     *           "applied": 68,
                     *           "failed": 0
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Status"];
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All is well. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ok"
                     *     }
                     */
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All is well. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ok"
                     *     }
                     */
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store takes no commits. Nothing was taken, or is lost; try again later. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Metrics. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example # HELP dhcp_ddns_events_total Lease events that came in.
                     *     # TYPE dhcp_ddns_events_total counter
                     *     dhcp_ddns_events_total{source="hook",kind="committed",result="decided"} 1
                     */
                    "text/plain": string;
                };
            };
            /** @description A bearer token is needed, or the one that came is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOpenApi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An OpenAPI 3.1 document. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "openapi": "3.1.0"
                     *     }
                     */
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
