-- Every title that leaves, for notices. Grain: as in leaving.sql.
-- Parameters: :now :until timestamptz.
/* leaving */
