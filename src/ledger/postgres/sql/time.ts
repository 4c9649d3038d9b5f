import { FAR_SECONDS } from '../../book/ledger-time.js'

/** When payments count from, as `countedSeconds` of `book/ledger-time.ts` says, and whether a step may go by what was made of the clock. */
export const TIME = `
create function {s}.counted(at_place bigint, at_seconds bigint, falls jsonb) returns bigint language plpgsql immutable as $$
declare
  fall jsonb;
  seconds bigint := at_seconds;
begin
  if falls is null then return seconds; end if;
  for fall in select value from jsonb_array_elements(falls) loop
    if (fall->>3)::bigint < 0 then
      if at_place < (fall->>0)::bigint then seconds := least(seconds, (fall->>2)::bigint); end if;
    elsif at_place >= (fall->>0)::bigint and at_place < (fall->>3)::bigint then
      seconds := seconds + (fall->>1)::bigint - (fall->>2)::bigint;
    end if;
  end loop;
  return seconds;
end $$;

-- When a payment counts from that is reserved now, where the clock was wrong before; null where that must be judged anew.
create function {s}.tell_wrong_time(row_count bigint, newest_seconds bigint, clock_revision bigint, seen_time jsonb, now_seconds bigint)
returns bigint language plpgsql immutable as $$
declare
  newest constant bigint := {s}.counted(row_count - 1, newest_seconds, seen_time->'falls');
begin
  if clock_revision <> (seen_time->>'revision')::bigint then return null; end if;
  if now_seconds not between (seen_time->>'nowSeconds')::bigint and (seen_time->>'nowSeconds')::bigint + 60 then return null; end if;
  if seen_time->>'count' is not null then
    if row_count <> (seen_time->>'count')::bigint then return null; end if;
  elsif row_count > 0 and newest - now_seconds > ${FAR_SECONDS} then
    return null;
  end if;
  return greatest(now_seconds, newest);
end $$;

-- The same, whether it was wrong or not.
create function {s}.tell_time(row_count bigint, newest_seconds bigint, clock_revision bigint, seen_time jsonb, now_seconds bigint)
returns bigint language sql immutable as $$
  select case when seen_time is not null then {s}.tell_wrong_time(row_count, newest_seconds, clock_revision, seen_time, now_seconds)
    when clock_revision = 0 and (row_count = 0 or newest_seconds - now_seconds <= ${FAR_SECONDS})
      then greatest(now_seconds, newest_seconds) end
$$;

create function {s}.clock_revision() returns bigint language plpgsql volatile as $$
begin
  return coalesce((select revision from {s}.register where name = 'clock' and text is not null), 0);
end $$;

create function {s}.time_reply(head {s}.head, now_seconds bigint) returns json language sql volatile as $$
  select json_build_object('nowSeconds', now_seconds, 'count', head.rows, 'newestSeconds', head.newest_seconds,
    'clock', {s}.held('clock'))
$$;

-- The first place that counts from a later time, which is mostly near the one where it is looked for first.
create function {s}.first_after(horizon bigint, start bigint, row_count bigint, falls jsonb) returns bigint
language plpgsql stable as $$
declare
  low bigint := -1;
  high bigint := row_count;
  step bigint := 1;
  middle bigint := least(start, row_count - 1);
  seconds bigint;
begin
  while high - low > 1 loop
    select {s}.counted(place, at_seconds, falls) into seconds from {s}.payments where place = middle;
    if seconds > horizon then
      high := middle;
      middle := case when low < 0 then middle - step else (low + high) / 2 end;
    else
      low := middle;
      middle := case when high = row_count then middle + step else (low + high) / 2 end;
    end if;
    step := step * 2;
    middle := greatest(low + 1, least(high - 1, middle));
  end loop;
  return high;
end $$;
`
