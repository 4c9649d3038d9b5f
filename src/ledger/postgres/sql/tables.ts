/**
 * The tables. `{s}` stands for the schema. Names are marks of sixteen digits and more, so that the C collation orders them; the library knows what
 * they stand for.
 */
export const TABLES = `
create table {s}.head (
  single boolean primary key default true check (single),
  -- How many payments there are, when the newest was reserved, and the last revision that a value of the register was given.
  rows bigint not null default 0,
  newest_seconds bigint not null default 0,
  revision bigint not null default 0
) with (fillfactor = 10);
insert into {s}.head default values;

-- What payments of one price to one seller have in common.
create table {s}.deals (
  number bigint generated always as identity primary key,
  key text collate "C" not null unique,
  units text[] not null,
  host text collate "C" not null,
  pay_to text collate "C" not null,
  tags text[] not null,
  text text not null
);
create index deals_host on {s}.deals (host);
create index deals_pay_to on {s}.deals (pay_to);
create index deals_tags on {s}.deals using gin (tags);

-- Payments. As long as one is open, its text holds what anyone could spend.
create table {s}.payments (
  place bigint primary key,
  id text collate "C" not null unique,
  at_seconds bigint not null,
  revision bigint not null,
  owner text collate "C" not null,
  deal bigint not null,
  resource text collate "C" not null,
  amounts numeric[] not null,
  counts text not null,
  pin text not null,
  is_unresolved boolean not null,
  open_under text[] not null,
  text text not null
) with (fillfactor = 70);
create index payments_deal on {s}.payments (deal, place);
create index payments_resource on {s}.payments (resource, place);
create index payments_owner on {s}.payments (owner) where owner <> '';
create index payments_unresolved on {s}.payments (place) where is_unresolved;

-- Payments that may stand in the way of another one of their purchase.
create table {s}.openings (
  name text collate "C" not null,
  place bigint not null,
  primary key (name, place)
);

-- Who was paid at an origin: the first place decides. After one that is fixed none is kept.
create table {s}.pins (
  key text collate "C" not null,
  place bigint not null,
  pay_to text not null,
  is_fixed boolean not null,
  primary key (key, place)
);

-- Running sums, each of all payments of a unit and a scope from one place on. Empty names are those that a scope doesn't ask for.
create table {s}.sums (
  unit text collate "C" not null,
  host text collate "C" not null,
  pay_to text collate "C" not null,
  tag text collate "C" not null,
  resource text collate "C" not null,
  stretch text collate "C" not null,
  from_place bigint not null,
  held numeric not null default 0,
  spent numeric not null default 0,
  count bigint not null default 0,
  last_place bigint not null,
  primary key (unit, host, pay_to, tag, resource, stretch)
) with (fillfactor = 50);

-- Values by name. One that was taken out has no text: the put that did it is known by its token.
create table {s}.register (
  name text collate "C" primary key,
  revision bigint not null,
  token text not null,
  text text
);

-- Processes that may have payments in flight, and until when they live without a word.
create table {s}.owners (
  owner text collate "C" primary key,
  until_ms bigint not null
);
`
