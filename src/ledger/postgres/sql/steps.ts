import { IS_ROOM, toCount } from './sums.js'

/** The steps of `engine/store.ts`, as the library calls them: each takes and returns one JSON text. */
export const STEPS = `
create function {s}.reserve(request text) returns text language plpgsql volatile {step} {quick} as $$
declare
  asked constant jsonb := request::jsonb;
  ask constant jsonb := asked->'ask';
  given constant jsonb := asked->'given';
  seen constant jsonb := given->'seen';
  seen_time constant jsonb := seen->'time';
  caps constant jsonb := given->'caps';
  new_row constant jsonb := given->'row';
  new_pin constant jsonb := new_row->'pin';
  names constant text[] := {s}.texts(given->'names');
  now_ms bigint := {s}.now_ms();
  started constant text := {s}.begin_step(ask, now_ms, false);
  now_seconds bigint;
  row_count bigint;
  newest bigint;
  done {s}.payments;
  deal {s}.deals;
  was record;
  gone text;
  open_now text := '';
  counts_from bigint;
  cap jsonb;
  counted record;
begin
  select rows, newest_seconds into strict row_count, newest from {s}.head for update;
  if {s}.is_late(ask) then perform {s}.refuse_late(); end if;
  now_ms := {s}.now_ms();
  now_seconds := coalesce((ask->>'nowSeconds')::bigint, now_ms / 1000);
  -- All that is compared, in one statement, since each has a price of its own.
  select exists (select from {s}.payments where id = new_row->>'id') as is_done,
      exists (select from {s}.openings where name = any (names)) as is_open,
      exists (select from {s}.owners where owner = ask->>'owner') as is_listed,
      exists (select from {s}.pins where key = new_pin->>'key' and is_fixed) as is_pinned,
      case when seen->>'pin' is null then '' else
        coalesce((select pay_to from {s}.pins where key = new_pin->>'key' order by place limit 1), '') end as pin,
      coalesce(max(revision) filter (where name = 'freeze'), 0) || ':'
        || coalesce(max(revision) filter (where name = 'limits'), 0) as ruling,
      coalesce(max(revision) filter (where name = 'clock'), 0) as clock_revision,
      seen_time is null and (${IS_ROOM}
      ) as is_room,
      (select deals from {s}.deals as deals where key = new_row->'deal'->>'key') as deal
    into was from {s}.register where name in ('freeze', 'limits', 'clock') and text is not null;
  if was.is_done then
    select * into strict done from {s}.payments where id = new_row->>'id';
    return json_build_object('atMs', now_ms, 'told', json_build_object('is', 'reserved', 'row', {s}.to_row(done)));
  end if;
  if was.is_open then
    open_now := (select coalesce(string_agg(id || ':' || revision, ',' order by place), '') from {s}.open_rows(names));
  end if;
  counts_from := {s}.tell_time(row_count, newest, was.clock_revision, seen_time, now_seconds);
  if counts_from is null or open_now <> seen->>'open' or was.pin <> coalesce(seen->>'pin', '') or was.ruling <> seen->>'ruling' then
    gone := case when open_now <> '' then {s}.find_gone(ask, now_ms) end;
    return json_build_object('atMs', now_ms, 'told', case when gone is not null then {s}.gone_reply(gone) else
      {s}.unseen_reply(now_seconds, names, was.pin) end);
  end if;
  for index in 0 .. case when was.is_room then -1 else jsonb_array_length(caps) - 1 end loop
    cap := caps->index;
    counted := {s}.read_sum(cap, row_count, now_seconds, seen_time->'falls');
    if not coalesce(counted.whole, false) then
      return json_build_object('atMs', now_ms, 'told', case when counted.whole is null then
        {s}.unseen_reply(now_seconds, names, was.pin) else json_build_object('is', 'building') end);
    end if;
    if (counted.sum).held + (counted.sum).spent + (cap->>'added')::numeric > (cap->>'amount')::numeric
      or (counted.sum).count + 1 > (cap->>'count')::numeric then
      gone := {s}.find_gone(ask, now_ms);
      if gone is null then perform {s}.keep_clock(seen_time); end if;
      return json_build_object('atMs', now_ms, 'told', case when gone is not null then {s}.gone_reply(gone) else
        json_build_object('is', 'full', 'cap', index, 'held', (counted.sum).held::text, 'spent', (counted.sum).spent::text) end);
    end if;
  end loop;
  if seen_time is not null then perform {s}.keep_clock(seen_time); end if;
  deal := was.deal;
  if deal.number is null then deal := {s}.add_deal(new_row->'deal'); end if;
  insert into {s}.payments values (row_count, new_row->>'id', counts_from, 1, new_row->>'owner', deal.number, new_row->>'resource',
    {s}.texts(new_row->'amounts')::numeric[], new_row->>'counts', new_pin->>'is', (new_row->>'isUnresolved')::boolean,
    {s}.texts(new_row->'openUnder'), new_row->>'text') returning * into done;
  ${toCount({ deal: 'deal', of: 'done', after: 'done' })};
  if done.open_under <> '{}' then
    insert into {s}.openings select one, row_count from unnest(done.open_under) as one on conflict do nothing;
  end if;
  if done.pin <> 'no' and not was.is_pinned then perform {s}.keep_pin(row_count, new_pin); end if;
  if not was.is_listed and done.owner = ask->>'owner' then perform {s}.keep_owner(ask, now_ms); end if;
  update {s}.head set rows = row_count + 1, newest_seconds = counts_from;
  if row_count % 1000 = 0 then perform {s}.forget_sums(row_count); end if;
  if {s}.is_late(ask) then perform {s}.refuse_late(); end if;
  return json_build_object('atMs', now_ms, 'told', json_build_object('is', 'reserved', 'row', {s}.write_row(done, deal.key)));
end $$;

create function {s}.gone_reply(gone text) returns json language sql immutable as $$
  select json_build_object('is', 'gone', 'owner', gone)
$$;

create function {s}.unseen_reply(now_seconds bigint, names text[], pin_now text) returns json language plpgsql volatile as $$
begin
  return json_build_object('is', 'unseen', 'frozen', {s}.held('freeze'), 'limits', {s}.held('limits'), 'pin', pin_now,
    'open', {s}.list_open(names), 'time', (select {s}.time_reply(head, now_seconds) from {s}.head));
end $$;

-- What is new of the clock.
create function {s}.keep_clock(seen_time jsonb) returns void language plpgsql volatile as $$
begin
  if seen_time->>'value' is not null then perform {s}.put_value('clock', seen_time->>'value', ''); end if;
end $$;

create function {s}.write(request text) returns text language plpgsql volatile {step} {quick} as $$
declare
  asked constant jsonb := request::jsonb;
  ask constant jsonb := asked->'ask';
  given constant jsonb := asked->'given';
  new_row constant jsonb := given->'row';
  new_counts constant text := new_row->>'counts';
  new_pin constant text := new_row->'pin'->>'is';
  new_amounts constant numeric[] := {s}.texts(new_row->'amounts')::numeric[];
  now_ms constant bigint := {s}.now_ms();
  started constant text := {s}.begin_step(ask, now_ms, (given->>'isDurable')::boolean);
  before {s}.payments;
  done {s}.payments;
  old_deal {s}.deals;
  deal {s}.deals;
begin
  select * into before from {s}.payments where id = new_row->>'id' for update;
  if not found then return json_build_object('atMs', now_ms, 'told', json_build_object('is', 'unknown')); end if;
  if before.revision <> (given->>'revision')::bigint then
    return json_build_object('atMs', now_ms, 'told', json_build_object('is', 'stale', 'row', {s}.to_row(before)));
  end if;
  select * into deal from {s}.deals where key = new_row->'deal'->>'key';
  if not found then deal := {s}.add_deal(new_row->'deal'); end if;
  -- Whether it counts as before: then it need not wait for its turn, nor others for its disk.
  if before.deal <> deal.number or before.amounts <> new_amounts or before.counts <> new_counts or before.pin <> new_pin then
    perform from {s}.head for update;
    if {s}.is_late(ask) then perform {s}.refuse_late(); end if;
    if before.deal <> deal.number then select * into strict old_deal from {s}.deals where number = before.deal; end if;
    if before.deal <> deal.number and old_deal.units <> deal.units then
      ${toCount({ deal: 'old_deal', of: 'before', before: 'before' })};
      ${toCount({ deal: 'deal', of: 'before', after: 'new_row' })};
    elsif before.amounts <> new_amounts or before.counts <> new_counts then
      ${toCount({ deal: 'deal', of: 'before', before: 'before', after: 'new_row' })};
    end if;
    if before.pin <> new_pin then perform {s}.keep_pin(before.place, new_row->'pin'); end if;
  end if;
  update {s}.payments set revision = revision + 1, owner = new_row->>'owner', deal = deal.number, amounts = new_amounts,
    counts = new_counts, pin = new_pin, is_unresolved = (new_row->>'isUnresolved')::boolean,
    open_under = {s}.texts(new_row->'openUnder'), text = new_row->>'text'
  where place = before.place returning * into done;
  if not before.open_under <@ done.open_under then
    delete from {s}.openings where place = done.place and name = any (before.open_under) and not name = any (done.open_under);
  end if;
  if not done.open_under <@ before.open_under then
    insert into {s}.openings select one, done.place from unnest(done.open_under) as one on conflict do nothing;
  end if;
  if done.owner = ask->>'owner' and not exists (select from {s}.owners where owner = done.owner) then
    perform {s}.keep_owner(ask, now_ms);
  end if;
  if {s}.is_late(ask) then perform {s}.refuse_late(); end if;
  return json_build_object('atMs', now_ms, 'told', json_build_object('is', 'written', 'row', {s}.write_row(done, deal.key)));
end $$;
`
