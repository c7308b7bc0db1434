-- What accounts may take, what they took, and what it cost. Money is in whole nanodollars.

CREATE TABLE limits (
  level               text NOT NULL CHECK (level IN ('organisation', 'team', 'user', 'app', 'key')),
  account_id          bigint NOT NULL,
  organisation_id     bigint NOT NULL REFERENCES organisations,
  requests_per_minute bigint CHECK (requests_per_minute > 0),
  tokens_per_minute   bigint CHECK (tokens_per_minute > 0),
  concurrency         bigint CHECK (concurrency > 0),
  PRIMARY KEY (level, account_id)
);

CREATE TABLE budgets (
  level           text NOT NULL CHECK (level IN ('organisation', 'team', 'user', 'app', 'key')),
  account_id      bigint NOT NULL,
  organisation_id bigint NOT NULL REFERENCES organisations,
  period          text NOT NULL CHECK (period IN ('hour', 'day', 'week', 'month', 'total')),
  nanodollars     bigint CHECK (nanodollars >= 0),
  tokens          bigint CHECK (tokens >= 0),
  PRIMARY KEY (level, account_id, period),
  CHECK (nanodollars IS NOT NULL OR tokens IS NOT NULL)
);

CREATE TABLE prices (
  provider     text NOT NULL,
  model        text NOT NULL,            -- '*': every other of the provider
  valid_from   timestamptz NOT NULL,
  input        bigint NOT NULL CHECK (input >= 0),         -- nanodollars per million tokens
  cached_input bigint NOT NULL CHECK (cached_input >= 0),
  output       bigint NOT NULL CHECK (output >= 0),
  per_image    bigint NOT NULL CHECK (per_image >= 0),     -- nanodollars
  PRIMARY KEY (provider, model, valid_from)
);

-- The gateway's journal that this database belongs to: one at a time.
CREATE TABLE ledger_owner (
  one     boolean PRIMARY KEY DEFAULT true CHECK (one),
  journal uuid NOT NULL,
  since   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE usage (
  id                bigint PRIMARY KEY,
  at                timestamptz NOT NULL,    -- reserved; its periods pay
  settled_at        timestamptz NOT NULL,
  organisation_id   bigint NOT NULL,
  team_id           bigint,
  user_id           bigint,
  app_id            bigint,
  key_id            bigint NOT NULL,
  model             text NOT NULL,
  provider          text NOT NULL,
  provider_model    text NOT NULL,
  prompt_tokens     bigint NOT NULL,
  cached_tokens     bigint NOT NULL,
  completion_tokens bigint NOT NULL,
  reasoning_tokens  bigint NOT NULL,
  nanodollars       bigint NOT NULL,
  outcome           text NOT NULL CHECK (outcome IN ('settled', 'unresolved'))
);
CREATE INDEX usage_by_time ON usage (organisation_id, at);
CREATE INDEX usage_unresolved ON usage (id) WHERE outcome = 'unresolved';

-- The sums of usage, kept with it in one transaction, so that a start need not add up a year.
CREATE TABLE spending (
  organisation_id bigint NOT NULL,
  level       text NOT NULL,
  account_id  bigint NOT NULL,
  period      text NOT NULL,
  starts_at   timestamptz NOT NULL,
  nanodollars bigint NOT NULL,
  tokens      bigint NOT NULL,
  requests    bigint NOT NULL,
  PRIMARY KEY (level, account_id, period, starts_at)
);
CREATE INDEX spending_by_period ON spending (period, starts_at);
