/** The rest of the steps of `engine/store.ts`. */
export const READS = `
create function {s}.open(request text) returns text language plpgsql volatile {step} {quick} as $$
declare
  asked constant jsonb := request::jsonb;
  now_ms constant bigint := {s}.now_ms();
  started constant text := {s}.begin_step(asked->'ask', now_ms, false);
  names constant text[] := {s}.texts(asked->'given');
  is_open boolean;
  gone text;
begin
  select exists (select from {s}.openings where name = any (names)), {s}.find_gone(asked->'ask', now_ms) into is_open, gone;
  return json_build_object('atMs', now_ms, 'told', json_strip_nulls(json_build_object('rows',
    case when is_open then {s}.list_open(names) else '[]' end, 'gone', gone)));
end $$;

create function {s}.sum(request text) returns text language plpgsql volatile {step} as $$
declare
  ask constant jsonb := request::jsonb->'ask';
  given constant jsonb := request::jsonb->'given';
  now_ms bigint := {s}.now_ms();
  started constant text := {s}.begin_step(ask, now_ms, false);
  now_seconds bigint;
  head {s}.head;
  gone text;
  counted record;
  reply json;
begin
  head := {s}.take_turn(ask);
  now_ms := {s}.now_ms();
  now_seconds := coalesce((ask->>'nowSeconds')::bigint, now_ms / 1000);
  gone := {s}.find_gone(ask, now_ms);
  if gone is not null then
    reply := {s}.gone_reply(gone);
  elsif {s}.tell_time(head.rows, head.newest_seconds, {s}.clock_revision(), given->'time', now_seconds) is null then
    reply := json_build_object('is', 'unseen', 'time', {s}.time_reply(head, now_seconds));
  else
    counted := {s}.read_sum(given->'cap', head.rows, now_seconds, given->'time'->'falls');
    reply := case
      when counted.whole is null then json_build_object('is', 'unseen', 'time', {s}.time_reply(head, now_seconds))
      when not counted.whole then json_build_object('is', 'building')
      else json_build_object('is', 'sum', 'held', (counted.sum).held::text, 'spent', (counted.sum).spent::text, 'count', (counted.sum).count)
    end;
  end if;
  return json_build_object('atMs', now_ms, 'told', reply);
end $$;

create function {s}.rows(request text) returns text language plpgsql volatile {step} as $$
declare
  which constant jsonb := request::jsonb->'given';
  now_ms constant bigint := {s}.now_ms();
  started constant text := {s}.begin_step(request::jsonb->'ask', now_ms, false);
  most constant integer := (which->>'limit')::integer;
  before constant bigint := coalesce((which->>'before')::bigint, 9223372036854775807);
  found_rows json;
begin
  if which->'ids' is not null then
    select json_agg({s}.to_row(one)) into found_rows from {s}.payments as one where id = any ({s}.texts(which->'ids'));
  elsif which->>'owner' is not null then
    select json_agg({s}.to_row(one) order by one.place) into found_rows from {s}.payments as one where place in (
      select place from {s}.payments where owner <> '' and owner = which->>'owner' order by place limit most
    );
  elsif (which->>'unresolved')::boolean then
    select json_agg({s}.to_row(one) order by one.place desc) into found_rows from {s}.payments as one where place in (
      select place from {s}.payments where is_unresolved and place < before order by place desc limit most
    );
  else
    select json_agg({s}.to_row(one) order by one.place desc) into found_rows from {s}.payments as one where place in (
      select place from {s}.payments where place < before order by place desc limit most
    );
  end if;
  return json_build_object('atMs', now_ms, 'told', coalesce(found_rows, '[]'));
end $$;

create function {s}.deals(request text) returns text language plpgsql volatile {step} as $$
declare
  now_ms constant bigint := {s}.now_ms();
  started constant text := {s}.begin_step(request::jsonb->'ask', now_ms, false);
begin
  return json_build_object('atMs', now_ms, 'told', (
    select coalesce(json_agg(json_build_object('key', key, 'text', text)), '[]') from {s}.deals
    where key = any ({s}.texts(request::jsonb->'given'))
  ));
end $$;

create function {s}.get(request text) returns text language plpgsql volatile {step} as $$
declare
  now_ms constant bigint := {s}.now_ms();
  started constant text := {s}.begin_step(request::jsonb->'ask', now_ms, false);
begin
  return json_build_object('atMs', now_ms, 'told', {s}.held(request::jsonb->>'given'));
end $$;

create function {s}.put(request text) returns text language plpgsql volatile {step} as $$
declare
  ask constant jsonb := request::jsonb->'ask';
  given constant jsonb := request::jsonb->'given';
  now_ms constant bigint := {s}.now_ms();
  started constant text := {s}.begin_step(ask, now_ms, true);
  before {s}.register;
  is_put boolean;
begin
  perform {s}.take_turn(ask);
  select * into before from {s}.register where name = given->>'name';
  is_put := case when before.text is null then 0 else before.revision end = (given->>'revision')::bigint;
  if is_put then perform {s}.put_value(given->>'name', given->>'text', given->>'token'); end if;
  return json_build_object('atMs', now_ms, 'told', is_put or coalesce(before.token = given->>'token', false));
end $$;

create function {s}.beat(request text) returns text language plpgsql volatile {step} as $$
declare
  ask constant jsonb := request::jsonb->'ask';
  now_ms constant bigint := {s}.now_ms();
  started constant text := {s}.begin_step(ask, now_ms, false);
begin
  insert into {s}.owners values (ask->>'owner', now_ms + (ask->>'leaseMs')::bigint)
    on conflict (owner) do update set until_ms = excluded.until_ms;
  return json_build_object('atMs', now_ms, 'told', (
    select coalesce(json_agg(owner), '[]') from (
      select owner from {s}.owners where until_ms < now_ms
      -- One that wrote while it was buried has payments and is on no list.
      union select owner from {s}.payments where owner <> '' and owner not in (select owner from {s}.owners)
    ) as gone where owner <> ask->>'owner'
  ));
end $$;

create function {s}.bury(request text) returns text language plpgsql volatile {step} as $$
declare
  ask constant jsonb := request::jsonb->'ask';
  buried constant text := request::jsonb->>'given';
  now_ms constant bigint := {s}.now_ms();
  started constant text := {s}.begin_step(ask, now_ms, false);
begin
  delete from {s}.owners where owner = buried and (until_ms < now_ms or owner = ask->>'owner');
  return json_build_object('atMs', now_ms);
end $$;

-- Which migration made this schema.
create function {s}.version() returns integer language sql immutable {step} as $$
  select {version}
$$;
`
