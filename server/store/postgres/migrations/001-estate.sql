-- The estate of Leasehold: what is known and owned, as the newest version of each item, and the commits in their order.
-- Each item stands whole in `item`; the columns beside it are read off it, for whoever asks by SQL.

-- A time of the clock; null where no clock could show it, as a client can claim anything.
CREATE FUNCTION instant(seconds double precision) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN seconds BETWEEN -1e11 AND 1e11 THEN to_timestamp(seconds) END
$$;

CREATE TABLE estate (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  format integer NOT NULL,
  -- The number of the newest commit.
  seq bigint NOT NULL DEFAULT 0,
  -- Grows whenever somebody begins to lead. A commit that comes with an older one is refused.
  epoch bigint NOT NULL DEFAULT 0,
  leader text,
  led_since timestamptz,
  paused boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE estate IS 'One row: the newest commit, and which Leasehold leads';
INSERT INTO estate (format) VALUES (2);

CREATE TABLE commits (
  seq bigint PRIMARY KEY,
  epoch bigint NOT NULL,
  at timestamptz NOT NULL,
  change jsonb NOT NULL
);
COMMENT ON TABLE commits IS 'What changed, in order; the oldest are removed in time';

CREATE TABLE leases (
  address text COLLATE "C" PRIMARY KEY,
  item jsonb NOT NULL,
  scope text GENERATED ALWAYS AS (item ->> 'scope') STORED,
  name text GENERATED ALWAYS AS (item ->> 'name') STORED,
  client text GENERATED ALWAYS AS (item #>> '{grants,0,client,key}') STORED,
  hostname text GENERATED ALWAYS AS (item #>> '{grants,0,hostname}') STORED,
  granted_at timestamptz GENERATED ALWAYS AS (instant((item #>> '{grants,0,cltt}')::double precision)) STORED,
  expires_at timestamptz GENERATED ALWAYS AS (instant(
    (item #>> '{grants,0,cltt}')::double precision + (item #>> '{grants,0,validLft}')::double precision)) STORED
);
CREATE INDEX leases_name ON leases (name);

CREATE TABLE records (
  key text COLLATE "C" PRIMARY KEY,
  item jsonb NOT NULL,
  endpoint text GENERATED ALWAYS AS (item ->> 'endpoint') STORED,
  zone text GENERATED ALWAYS AS (item ->> 'zone') STORED,
  name text GENERATED ALWAYS AS (item ->> 'name') STORED,
  type text GENERATED ALWAYS AS (item ->> 'type') STORED,
  value text GENERATED ALWAYS AS (item ->> 'value') STORED,
  scope text GENERATED ALWAYS AS (item ->> 'scope') STORED,
  origin text GENERATED ALWAYS AS (item ->> 'origin') STORED,
  phase text GENERATED ALWAYS AS (item ->> 'phase') STORED,
  rule text GENERATED ALWAYS AS (item ->> 'rule') STORED,
  client text GENERATED ALWAYS AS (item ->> 'client') STORED,
  address text GENERATED ALWAYS AS (item ->> 'address') STORED,
  due_at timestamptz GENERATED ALWAYS AS (instant((item ->> 'dueAt')::double precision / 1000)) STORED,
  updated_at timestamptz GENERATED ALWAYS AS (instant((item ->> 'updatedAt')::double precision / 1000)) STORED
);
CREATE INDEX records_name ON records (name);
CREATE INDEX records_address ON records (address);

CREATE TABLE names (
  key text COLLATE "C" PRIMARY KEY,
  item jsonb NOT NULL,
  name text GENERATED ALWAYS AS (item ->> 'name') STORED
);
COMMENT ON TABLE names IS 'What DNS may hold at a name where its records do not say it';

CREATE TABLE holds (
  id bigint PRIMARY KEY,
  item jsonb NOT NULL,
  scope text GENERATED ALWAYS AS (item ->> 'scope') STORED,
  state text GENERATED ALWAYS AS (item ->> 'state') STORED
);

CREATE TABLE intents (
  key text COLLATE "C" PRIMARY KEY,
  item jsonb NOT NULL,
  kind text GENERATED ALWAYS AS (item ->> 'kind') STORED,
  by text GENERATED ALWAYS AS (item ->> 'by') STORED
);
COMMENT ON TABLE intents IS 'What people meant and did not take back';

CREATE TABLE serials (
  key text COLLATE "C" PRIMARY KEY,
  serial bigint NOT NULL
);

CREATE TABLE surveys (
  key text COLLATE "C" PRIMARY KEY,
  item jsonb NOT NULL
);
COMMENT ON TABLE surveys IS 'What the last complete reading of each zone found';

CREATE TABLE foreign_names (
  key text COLLATE "C" PRIMARY KEY,
  item jsonb NOT NULL,
  name text GENERATED ALWAYS AS (item ->> 'name') STORED
);
COMMENT ON TABLE foreign_names IS 'What others have at names of ours';

CREATE TABLE inbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  sender text NOT NULL,
  message jsonb NOT NULL
);
COMMENT ON TABLE inbox IS 'What a standby was told; the leader takes it in order';

-- Takes commits, and the newest versions that they hold, in one transaction. `latest` has a list of items for each table,
-- and lists of keys that go. Gives the time of the commits, which tells them from others with the same numbers.
CREATE FUNCTION take_commits(own_epoch bigint, after bigint, changes jsonb, latest jsonb) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  last_seq bigint := after + jsonb_array_length(changes);
  head record;
BEGIN
  UPDATE estate SET seq = last_seq, paused = coalesce((latest ->> 'paused')::boolean, paused)
    WHERE epoch = own_epoch AND seq = after;
  IF NOT FOUND THEN
    SELECT epoch, seq INTO head FROM estate;
    IF head.epoch IS DISTINCT FROM own_epoch THEN
      RAISE EXCEPTION 'another Leasehold leads: epoch %, not %', head.epoch, own_epoch USING ERRCODE = 'LH001';
    END IF;
    RAISE EXCEPTION 'the newest commit is %, not %', head.seq, after USING ERRCODE = 'LH002';
  END IF;
  INSERT INTO commits (seq, epoch, at, change)
    SELECT after + n, own_epoch, now(), change FROM jsonb_array_elements(changes) WITH ORDINALITY AS c (change, n);
  INSERT INTO leases (address, item) SELECT i ->> 'address', i FROM jsonb_array_elements(latest -> 'leases') i
    ON CONFLICT (address) DO UPDATE SET item = excluded.item;
  INSERT INTO records (key, item) SELECT i ->> 'key', i FROM jsonb_array_elements(latest -> 'records') i
    ON CONFLICT (key) DO UPDATE SET item = excluded.item;
  IF latest ? 'more' THEN PERFORM take_more(latest -> 'more'); END IF;
  PERFORM pg_notify('leasehold_' || current_schema(), last_seq::text);
  RETURN now()::text;
END $$;

-- What few commits have: everything but leases and records.
CREATE FUNCTION take_more(more jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO names (key, item) SELECT p ->> 0, p -> 1 FROM jsonb_array_elements(more -> 'names') p
    ON CONFLICT (key) DO UPDATE SET item = excluded.item;
  DELETE FROM names WHERE key IN (SELECT jsonb_array_elements_text(more -> 'plain'));
  INSERT INTO holds (id, item) SELECT (i ->> 'id')::bigint, i FROM jsonb_array_elements(more -> 'holds') i
    ON CONFLICT (id) DO UPDATE SET item = excluded.item;
  INSERT INTO intents (key, item) SELECT p ->> 0, p -> 1 FROM jsonb_array_elements(more -> 'intents') p
    ON CONFLICT (key) DO UPDATE SET item = excluded.item;
  DELETE FROM intents WHERE key IN (SELECT jsonb_array_elements_text(more -> 'undone'));
  INSERT INTO serials (key, serial) SELECT p ->> 0, (p ->> 1)::bigint FROM jsonb_array_elements(more -> 'serials') p
    ON CONFLICT (key) DO UPDATE SET serial = excluded.serial;
  INSERT INTO surveys (key, item) SELECT p ->> 0, p -> 1 FROM jsonb_array_elements(more -> 'surveys') p
    ON CONFLICT (key) DO UPDATE SET item = excluded.item;
  DELETE FROM surveys WHERE key IN (SELECT jsonb_array_elements_text(more -> 'goneSurveys'));
  INSERT INTO foreign_names (key, item) SELECT p ->> 0, p -> 1 FROM jsonb_array_elements(more -> 'foreign') p
    ON CONFLICT (key) DO UPDATE SET item = excluded.item;
  DELETE FROM foreign_names WHERE key IN (SELECT jsonb_array_elements_text(more -> 'goneForeign'));
  DELETE FROM leases WHERE address IN (SELECT jsonb_array_elements_text(more -> 'goneLeases'));
  DELETE FROM records WHERE key IN (SELECT jsonb_array_elements_text(more -> 'goneRecords'));
  DELETE FROM holds WHERE id IN (SELECT jsonb_array_elements_text(more -> 'goneHolds')::bigint);
  DELETE FROM inbox WHERE id IN (SELECT jsonb_array_elements_text(more -> 'taken')::bigint);
$$;

-- Begins to lead: from here on every commit of an earlier leader is refused. Only who has the lock calls it.
CREATE FUNCTION begin_to_lead(who text) RETURNS TABLE (epoch bigint, seq bigint, since double precision) LANGUAGE sql AS $$
  UPDATE estate SET epoch = epoch + 1, leader = who, led_since = now()
    RETURNING epoch, seq, extract(epoch FROM led_since)::double precision;
$$;
