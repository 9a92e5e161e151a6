-- Content c is one of those that a search found. Parameters: :ids uuid[].
c.id = ANY (CAST(:ids AS uuid[])) AND
