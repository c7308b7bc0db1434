-- Who may ask: organisations, their teams, people and apps, and keys.

CREATE TABLE organisations (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name       text NOT NULL UNIQUE CHECK (name <> ''),
  zone       text NOT NULL,              -- of its budgets' periods; never changes
  salt       text NOT NULL,              -- keeps its cached prompts apart from others'
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE teams (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation_id bigint NOT NULL REFERENCES organisations,
  name            text NOT NULL CHECK (name <> ''),
  created_at      timestamptz NOT NULL DEFAULT now(),
  UNIQUE (organisation_id, name)
);

CREATE TABLE people (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation_id bigint NOT NULL REFERENCES organisations,
  name            text NOT NULL CHECK (name <> ''),  -- an e-mail address, mostly
  role            text NOT NULL DEFAULT 'viewer'
                  CHECK (role IN ('admin', 'operator', 'developer', 'viewer')),
  issuer          text,                  -- of OpenID Connect, where the person signs in by it
  subject         text,
  created_at      timestamptz NOT NULL DEFAULT now(),
  UNIQUE (organisation_id, name),
  UNIQUE (issuer, subject)
);

CREATE TABLE apps (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation_id bigint NOT NULL REFERENCES organisations,
  name            text NOT NULL CHECK (name <> ''),
  created_at      timestamptz NOT NULL DEFAULT now(),
  UNIQUE (organisation_id, name)
);

CREATE TABLE keys (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation_id bigint NOT NULL REFERENCES organisations,
  team_id         bigint REFERENCES teams,
  user_id         bigint REFERENCES people,
  app_id          bigint REFERENCES apps,
  name            text NOT NULL CHECK (name <> ''),
  role            text CHECK (role IN ('admin', 'operator', 'developer', 'viewer')), -- in the admin API
  hint            text NOT NULL,
  hash            bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
  models          text[] NOT NULL DEFAULT '{}',
  networks        text[] NOT NULL DEFAULT '{}',
  created_at      timestamptz NOT NULL DEFAULT now(),
  expires_at      timestamptz,
  revoked_at      timestamptz,
  rotated_from    bigint REFERENCES keys
);
CREATE INDEX keys_by_organisation ON keys (organisation_id, id);
