/** The steps of `engine/store.ts`, as the library calls them: each takes and returns one JSON text. */
export const STEPS = `
create function {s}.reserve(request text) returns text language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as $$
declare
  ask constant jsonb := request::jsonb->'ask';
  given constant jsonb := request::jsonb->'given';
  seen constant jsonb := given->'seen';
  new_row constant jsonb := given->'row';
  names constant text[] := {s}.texts(given->'names');
  now_ms bigint := {s}.begin_step(ask, false);
  now_seconds bigint;
  head {s}.head;
  done {s}.payments;
  new_deal {s}.deals;
  deal_number bigint;
  gone text;
  pin_now text := '';
  open_now text;
  counts_from bigint;
  cap jsonb;
  index integer := 0;
  counted record;
  new_amounts numeric[];
begin
  head := {s}.take_turn(ask);
  now_ms := {s}.now_ms();
  now_seconds := coalesce((ask->>'nowSeconds')::bigint, now_ms / 1000);
  select * into done from {s}.payments where id = new_row->>'id';
  if done.id is not null then
    return json_build_object('atMs', now_ms, 'told', json_build_object('is', 'reserved', 'row', {s}.to_row(done)));
  end if;
  select coalesce(string_agg(id || ':' || revision, ',' order by place), '') into open_now from {s}.open_rows(names);
  if seen->>'pin' is not null then
    select pay_to into pin_now from {s}.pins where key = new_row->'pin'->>'key' order by place limit 1;
    pin_now := coalesce(pin_now, '');
  end if;
  counts_from := {s}.tell_time(head, seen->'time', now_seconds);
  if counts_from is null or open_now <> seen->>'open' or pin_now <> coalesce(seen->>'pin', '') or seen->>'ruling' <> (
    select coalesce(max(revision) filter (where name = 'freeze'), 0) || ':' || coalesce(max(revision) filter (where name = 'limits'), 0)
    from {s}.register where name in ('freeze', 'limits') and text is not null
  ) then
    gone := case when open_now <> '' then {s}.find_gone(ask, now_ms) end;
    return json_build_object('atMs', now_ms, 'told', case when gone is not null then {s}.gone_reply(gone) else
      {s}.unseen_reply(head, now_seconds, names, pin_now) end);
  end if;
  for cap in select value from jsonb_array_elements(given->'caps') loop
    counted := {s}.read_sum(cap, head, now_seconds, seen->'time'->'falls');
    if not coalesce(counted.whole, false) then
      return json_build_object('atMs', now_ms, 'told', case when counted.whole is null then
        {s}.unseen_reply(head, now_seconds, names, pin_now) else json_build_object('is', 'building') end);
    end if;
    if (counted.sum).held + (counted.sum).spent + (cap->>'added')::numeric > (cap->>'amount')::numeric
      or (counted.sum).count + 1 > (cap->>'count')::numeric then
      gone := {s}.find_gone(ask, now_ms);
      if gone is null then perform {s}.keep_clock(seen->'time'); end if;
      return json_build_object('atMs', now_ms, 'told', case when gone is not null then {s}.gone_reply(gone) else
        json_build_object('is', 'full', 'cap', index, 'held', (counted.sum).held::text, 'spent', (counted.sum).spent::text) end);
    end if;
    index := index + 1;
  end loop;
  perform {s}.keep_clock(seen->'time');
  deal_number := {s}.find_deal(new_row->'deal');
  select * into strict new_deal from {s}.deals where number = deal_number;
  new_amounts := {s}.texts(new_row->'amounts')::numeric[];
  insert into {s}.payments values (head.rows, new_row->>'id', counts_from, 1, new_row->>'owner', new_deal.number, new_row->>'resource',
    new_amounts, new_row->>'counts', new_row->'pin'->>'is', (new_row->>'isUnresolved')::boolean, {s}.texts(new_row->'openUnder'),
    new_row->>'text') returning * into done;
  perform {s}.count_payment(done.place, new_deal, done.resource, '{}', '{}', 'none', new_deal.units, new_amounts, done.counts);
  perform {s}.keep_open(done.place, '{}', done.open_under);
  if done.pin <> 'no' then perform {s}.keep_pin(done.place, new_row->'pin'); end if;
  perform {s}.keep_owner(ask, done.owner, now_ms);
  update {s}.head set rows = rows + 1, newest_seconds = counts_from;
  perform {s}.forget_sums(head);
  perform {s}.keep_in_time(ask);
  return json_build_object('atMs', now_ms, 'told', json_build_object('is', 'reserved', 'row', {s}.to_row(done)));
end $$;

create function {s}.gone_reply(gone text) returns json language sql immutable as $$
  select json_build_object('is', 'gone', 'owner', gone)
$$;

create function {s}.unseen_reply(head {s}.head, now_seconds bigint, names text[], pin_now text) returns json language sql volatile as $$
  select json_build_object('is', 'unseen', 'frozen', {s}.held('freeze'), 'limits', {s}.held('limits'), 'pin', pin_now,
    'open', (select coalesce(json_agg({s}.to_row(one) order by one.place), '[]') from {s}.open_rows(names) as one),
    'time', {s}.time_reply(head, now_seconds))
$$;

-- What is new of the clock.
create function {s}.keep_clock(seen_time jsonb) returns void language plpgsql volatile as $$
begin
  if seen_time->>'value' is not null then perform {s}.put_value('clock', seen_time->>'value', ''); end if;
end $$;

create function {s}.write(request text) returns text language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as $$
declare
  ask constant jsonb := request::jsonb->'ask';
  given constant jsonb := request::jsonb->'given';
  new_row constant jsonb := given->'row';
  now_ms constant bigint := {s}.begin_step(ask, (given->>'isDurable')::boolean);
  before {s}.payments;
  done {s}.payments;
  old_deal {s}.deals;
  new_deal {s}.deals;
  deal_number bigint;
  new_amounts constant numeric[] := {s}.texts(new_row->'amounts')::numeric[];
begin
  select * into before from {s}.payments where id = new_row->>'id' for update;
  if before.id is null then return json_build_object('atMs', now_ms, 'told', json_build_object('is', 'unknown')); end if;
  if before.revision <> (given->>'revision')::bigint then
    return json_build_object('atMs', now_ms, 'told', json_build_object('is', 'stale', 'row', {s}.to_row(before)));
  end if;
  deal_number := {s}.find_deal(new_row->'deal');
  select * into strict new_deal from {s}.deals where number = deal_number;
  -- Whether it counts as before: then it need not wait for its turn, nor others for its disk.
  if before.deal <> new_deal.number or before.amounts <> new_amounts or before.counts <> new_row->>'counts'
    or before.pin <> new_row->'pin'->>'is' then
    perform {s}.take_turn(ask);
    select * into strict old_deal from {s}.deals where number = before.deal;
    if old_deal.units <> new_deal.units or before.amounts <> new_amounts or before.counts <> new_row->>'counts' then
      perform {s}.count_payment(before.place, new_deal, before.resource,
        old_deal.units, before.amounts, before.counts, new_deal.units, new_amounts, new_row->>'counts');
    end if;
    if before.pin <> new_row->'pin'->>'is' then perform {s}.keep_pin(before.place, new_row->'pin'); end if;
  end if;
  update {s}.payments set revision = revision + 1, owner = new_row->>'owner', deal = new_deal.number, amounts = new_amounts,
    counts = new_row->>'counts', pin = new_row->'pin'->>'is', is_unresolved = (new_row->>'isUnresolved')::boolean,
    open_under = {s}.texts(new_row->'openUnder'), text = new_row->>'text'
  where place = before.place returning * into done;
  perform {s}.keep_open(done.place, before.open_under, done.open_under);
  perform {s}.keep_owner(ask, done.owner, now_ms);
  perform {s}.keep_in_time(ask);
  return json_build_object('atMs', now_ms, 'told', json_build_object('is', 'written', 'row', {s}.to_row(done)));
end $$;
`
