/** What the steps are made of. No one but them calls it. */
export const PARTS = `
create function {s}.now_ms() returns bigint language sql volatile as $$
  select floor(extract(epoch from clock_timestamp()) * 1000)::bigint
$$;

create function {s}.refuse_late() returns text language plpgsql volatile as $$
begin
  raise exception 'pay402: too late' using errcode = 'P402L';
end $$;

-- Begins a step: it isn't carried out after its caller gave up, waits for no lock longer than that, and is durable or needn't be.
-- No patience is longer than five minutes: only a clock that was set far back makes more of a deadline, and more than a setting can be.
create function {s}.begin_step(ask jsonb, now_ms bigint, is_durable boolean) returns text language sql volatile as $$
  select case when (ask->>'deadlineMs')::bigint <= now_ms then {s}.refuse_late() else
    set_config('lock_timeout', least(coalesce((ask->>'deadlineMs')::bigint - now_ms, 5000), 300000)::text, true) ||
    set_config('synchronous_commit', case when is_durable then 'on' else 'off' end, true) end
$$;

-- Asked when a step has waited, and once more at its end: what its caller gave up, and has looked for by then, must not be there later.
create function {s}.is_late(ask jsonb) returns boolean language sql volatile as $$
  select (ask->>'deadlineMs')::bigint <= {s}.now_ms()
$$;

-- One step at a time changes sums, and all else that a new payment is compared with.
create function {s}.take_turn(ask jsonb) returns {s}.head language plpgsql volatile as $$
declare
  head {s}.head;
begin
  select * into strict head from {s}.head for update;
  if {s}.is_late(ask) then perform {s}.refuse_late(); end if;
  return head;
end $$;

create function {s}.keep_owner(ask jsonb, now_ms bigint) returns void language plpgsql volatile as $$
begin
  insert into {s}.owners values (ask->>'owner', now_ms + (ask->>'leaseMs')::bigint) on conflict do nothing;
end $$;

create function {s}.find_gone(ask jsonb, now_ms bigint) returns text language plpgsql volatile as $$
begin
  return (select owner from {s}.owners where until_ms < now_ms and owner <> ask->>'owner' limit 1);
end $$;

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

create function {s}.write_row(payment {s}.payments, deal_key text) returns json language sql stable as $$
  select json_build_object('id', payment.id, 'place', payment.place, 'atSeconds', payment.at_seconds,
    'revision', payment.revision, 'owner', payment.owner, 'deal', deal_key, 'text', payment.text)
$$;

create function {s}.to_row(payment {s}.payments) returns json language plpgsql stable as $$
begin
  return {s}.write_row(payment, (select key from {s}.deals where number = payment.deal));
end $$;

create function {s}.open_rows(names text[]) returns setof {s}.payments language sql stable as $$
  select * from {s}.payments
  where place in (select place from {s}.openings where name = any (names)) order by place
$$;

create function {s}.list_open(names text[]) returns json language plpgsql stable as $$
begin
  return (select coalesce(json_agg({s}.to_row(one) order by one.place), '[]') from {s}.open_rows(names) as one);
end $$;

create function {s}.add_deal(deal jsonb) returns {s}.deals language plpgsql volatile as $$
declare
  added {s}.deals;
begin
  insert into {s}.deals (key, units, host, pay_to, tags, text)
    values (deal->>'key', {s}.texts(deal->'units'), deal->>'host', deal->>'payTo', {s}.texts(deal->'tags'), deal->>'text')
    on conflict (key) do nothing;
  select * into strict added from {s}.deals where key = deal->>'key';
  return added;
end $$;

-- Reads a list of marks or of digits, none of which has anything to escape.
create function {s}.texts(list jsonb) returns text[] language sql stable as $$
  select translate(list::text, '[]"', '{}')::text[]
$$;

create function {s}.keep_pin(at_place bigint, pin jsonb) returns void language plpgsql volatile as $$
declare
  is_fixed_now boolean := pin->>'is' = 'fixed';
begin
  if pin->>'is' = 'no' then
    delete from {s}.pins where key = pin->>'key' and place = at_place;
    return;
  end if;
  if exists (select from {s}.pins where key = pin->>'key' and is_fixed and place < at_place) then return; end if;
  insert into {s}.pins values (pin->>'key', at_place, pin->>'payTo', is_fixed_now)
    on conflict (key, place) do update set is_fixed = excluded.is_fixed;
  if is_fixed_now then delete from {s}.pins where key = pin->>'key' and place > at_place; end if;
end $$;
`
