/** What the steps are made of. No one but them calls it. */
export const PARTS = `
create function {s}.now_ms() returns bigint language sql volatile as $$
  select floor(extract(epoch from clock_timestamp()) * 1000)::bigint
$$;

-- Begins a step: it isn't carried out after its caller gave up, waits for no lock longer than that, and is durable or needn't be.
create function {s}.begin_step(ask jsonb, is_durable boolean) returns bigint language plpgsql volatile as $$
declare
  now_ms bigint := {s}.now_ms();
  left_ms bigint := coalesce((ask->>'deadlineMs')::bigint - now_ms, 5000);
begin
  if left_ms <= 0 then raise exception 'pay402: too late' using errcode = 'P402L'; end if;
  perform set_config('lock_timeout', left_ms::text, true),
    set_config('synchronous_commit', case when is_durable then 'on' else 'off' end, true);
  return now_ms;
end $$;

-- Asked when a step has waited, and once more at its end: what its caller gave up, and has looked for by then, must not be there later.
create function {s}.keep_in_time(ask jsonb) returns void language plpgsql volatile as $$
begin
  if (ask->>'deadlineMs')::bigint <= {s}.now_ms() then
    raise exception 'pay402: too late' using errcode = 'P402L';
  end if;
end $$;

-- One step at a time changes sums, and all else that a new payment is compared with.
create function {s}.take_turn(ask jsonb) returns {s}.head language plpgsql volatile as $$
declare
  head {s}.head;
begin
  select * into strict head from {s}.head for update;
  perform {s}.keep_in_time(ask);
  return head;
end $$;

create function {s}.keep_owner(ask jsonb, owner_now text, now_ms bigint) returns void language plpgsql volatile as $$
begin
  if owner_now = ask->>'owner' then
    insert into {s}.owners values (owner_now, now_ms + (ask->>'leaseMs')::bigint) on conflict do nothing;
  end if;
end $$;

create function {s}.find_gone(ask jsonb, now_ms bigint) returns text language sql volatile as $$
  select owner from {s}.owners where until_ms < now_ms and owner <> ask->>'owner' limit 1
$$;

create function {s}.held(wanted text) returns json language sql volatile as $$
  select coalesce(
    (select json_build_object('revision', revision, 'text', text) from {s}.register where name = wanted and text is not null),
    json_build_object('revision', 0)
  )
$$;

create function {s}.put_value(wanted text, value text, put_token text) returns void language plpgsql volatile as $$
declare
  next bigint;
begin
  -- By the clock, so that no revision is given twice, not even after a copy took this database's place.
  update {s}.head set revision = greatest(revision + 1, {s}.now_ms()) returning revision into next;
  insert into {s}.register values (wanted, next, put_token, value)
    on conflict (name) do update set revision = excluded.revision, token = excluded.token, text = excluded.text;
end $$;

create function {s}.to_row(payment {s}.payments) returns json language sql stable as $$
  select json_build_object('id', payment.id, 'place', payment.place, 'atSeconds', payment.at_seconds,
    'revision', payment.revision, 'owner', payment.owner, 'deal', deals.key, 'text', payment.text)
  from {s}.deals where number = payment.deal
$$;

create function {s}.open_rows(names text[]) returns setof {s}.payments language sql stable as $$
  select * from {s}.payments
  where place in (select place from {s}.openings where name = any (names)) order by place
$$;

create function {s}.find_deal(deal jsonb) returns bigint language plpgsql volatile as $$
declare
  found_number bigint;
begin
  select number into found_number from {s}.deals where key = deal->>'key';
  if found_number is not null then return found_number; end if;
  insert into {s}.deals (key, units, host, pay_to, tags, text)
    values (deal->>'key', {s}.texts(deal->'units'), deal->>'host', deal->>'payTo', {s}.texts(deal->'tags'), deal->>'text')
    on conflict (key) do nothing returning number into found_number;
  if found_number is null then select number into found_number from {s}.deals where key = deal->>'key'; end if;
  return found_number;
end $$;

create function {s}.texts(list jsonb) returns text[] language sql immutable as $$
  select coalesce(array_agg(one order by at), '{}') from jsonb_array_elements_text(list) with ordinality as every (one, at)
$$;

create function {s}.keep_open(at_place bigint, before text[], after text[]) returns void language plpgsql volatile as $$
begin
  if before = after then return; end if;
  delete from {s}.openings where place = at_place and name = any (before) and not name = any (after);
  insert into {s}.openings select one, at_place from unnest(after) as one on conflict do nothing;
end $$;

create function {s}.keep_pin(at_place bigint, pin jsonb) returns void language plpgsql volatile as $$
declare
  is_fixed_now boolean := pin->>'is' = 'fixed';
begin
  if pin->>'is' = 'no' or exists (
    select from {s}.pins where key = pin->>'key' and is_fixed and place < at_place
  ) then
    delete from {s}.pins where key = pin->>'key' and place = at_place;
    return;
  end if;
  insert into {s}.pins values (pin->>'key', at_place, pin->>'payTo', is_fixed_now)
    on conflict (key, place) do update set is_fixed = excluded.is_fixed;
  if is_fixed_now then delete from {s}.pins where key = pin->>'key' and place > at_place; end if;
end $$;
`
