-- What became of each request. The id is the writer's, so that a batch can be written twice.
CREATE TABLE request_log (
  id uuid PRIMARY KEY,
  request_id text NOT NULL,
  begun timestamptz NOT NULL,
  endpoint text NOT NULL,
  -- No foreign keys: what was asked outlives keys and teams.
  key_id bigint,
  key_name text,
  organisation_id bigint,
  team_id bigint,
  user_id bigint,
  app_id bigint,
  model text NOT NULL,
  streamed boolean NOT NULL,
  status int NOT NULL,
  error_code text,
  provider text,
  provider_model text,
  prompt_tokens bigint,
  cached_tokens bigint,
  completion_tokens bigint,
  reasoning_tokens bigint,
  nanodollars bigint,
  first_token_micros bigint,
  total_micros bigint NOT NULL,
  client_address text NOT NULL,
  request text NOT NULL,
  answer text NOT NULL,
  cut boolean NOT NULL,
  -- PostgreSQL takes at most 1 MB of words.
  words tsvector GENERATED ALWAYS AS
    (to_tsvector('simple', left(request, 40000) || ' ' || left(answer, 40000))) STORED
);

CREATE INDEX request_log_begun ON request_log (begun DESC);
CREATE INDEX request_log_organisation ON request_log (organisation_id, begun DESC);
CREATE INDEX request_log_key ON request_log (key_id, begun DESC);
CREATE INDEX request_log_model ON request_log (model, begun DESC);
CREATE INDEX request_log_words ON request_log USING gin (words);
