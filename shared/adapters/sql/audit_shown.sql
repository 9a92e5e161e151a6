-- What a page shows of an entry; part of audit_older and audit_newer.
l.id, l.occurred_at, l.actor_id, l.actor_type, l.act_on_behalf_of, l.action, l.resource_type,
l.resource_id, l.outcome, CAST(l.details AS text) AS details, coalesce(host(a.ip), l.network) AS ip,
l.user_agent, l.request_id, l.chain, l.number, encode(l.hash, 'hex') AS hash
