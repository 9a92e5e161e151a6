-- Who watches with an account, what they may see and when, and the picture they are known by (spec/auth §5.12).

-- outdated_at: when token_version was last raised, so that services which forgot are told again. avatar: SHA-256 of the
-- picture, under which it is kept; empty for none.
ALTER TABLE app_user
  ADD COLUMN outdated_at timestamptz,
  ADD COLUMN avatar text NOT NULL DEFAULT '';
CREATE INDEX app_user_outdated ON app_user (outdated_at) WHERE outdated_at IS NOT NULL;

-- One more viewer of an account; the owner's own profile is the account itself. max_rating: empty for no ceiling.
CREATE TABLE household_profile (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  name text NOT NULL,
  is_child boolean NOT NULL,
  language text NOT NULL,
  max_rating text NOT NULL DEFAULT '' CHECK (max_rating IN ('', 'G', 'PG', 'PG-13', 'R', 'NC-17')),
  blocked_genres text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK (max_rating <> '' OR NOT is_child)
);
CREATE INDEX household_profile_by_user ON household_profile (user_id, created_at);

-- Limits of a whole account. pin_hash: Argon2id, sealed with a key that is not in the database. Times are of a wall
-- clock in timezone; an end before the start is the next morning's.
CREATE TABLE parental_control (
  user_id uuid PRIMARY KEY REFERENCES app_user (id) ON DELETE CASCADE,
  enabled boolean NOT NULL,
  pin_hash text,
  max_rating text NOT NULL DEFAULT '' CHECK (max_rating IN ('', 'G', 'PG', 'PG-13', 'R', 'NC-17')),
  viewing_start time,
  viewing_end time,
  timezone text NOT NULL,
  blocked_genres text[] NOT NULL DEFAULT '{}',
  updated_at timestamptz NOT NULL,
  CHECK ((viewing_start IS NULL) = (viewing_end IS NULL)),
  CHECK (viewing_start <> viewing_end)
);

-- profile_id: whom the session's tokens speak of, NULL for the owner. audience: the resource that they are for
-- (RFC 8707), empty for this product's own. A ceiling is the account's and the profile's, as they are now.
ALTER TABLE token_family
  DROP COLUMN max_rating,
  ADD COLUMN profile_id uuid REFERENCES household_profile (id) ON DELETE SET NULL,
  ADD COLUMN audience text NOT NULL DEFAULT '';
CREATE INDEX token_family_profile ON token_family (profile_id) WHERE profile_id IS NOT NULL;
