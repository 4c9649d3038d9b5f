/**
 * Running sums. Each is of all payments from one place on. It ages as that place goes forward, is built as it goes back, and follows a clock that is set
 * back in the same way; no more than so many payments at a time.
 */
export const SUMS = `
-- Adds what a payment counts now, less what it counted before, to each sum that has it.
create function {s}.count_payment(
  at_place bigint, deal {s}.deals, in_resource text,
  old_units text[], old_amounts numeric[], old_counts text, new_units text[], new_amounts numeric[], new_counts text
) returns void language sql volatile as $$
  update {s}.sums as sum set
    held = sum.held + coalesce(change.held, 0), spent = sum.spent + coalesce(change.spent, 0), count = sum.count + change.count,
    last_place = greatest(sum.last_place, at_place)
  from (
    select unit, sum(amount) filter (where counts = 'held') as held, sum(amount) filter (where counts = 'spent') as spent,
      sum(sign) as count
    from (
      select unit, -amount as amount, old_counts as counts, -1 as sign from unnest(old_units, old_amounts) as old (unit, amount)
      where old_counts <> 'none'
      union all
      select unit, amount, new_counts, 1 from unnest(new_units, new_amounts) as new (unit, amount) where new_counts <> 'none'
    ) as changes group by unit
  ) as change
  where sum.unit = change.unit and sum.host in ('', deal.host) and sum.pay_to in ('', deal.pay_to)
    and sum.tag = any (array_prepend('', deal.tags)) and sum.resource in ('', in_resource) and sum.from_place <= at_place
$$;

-- What a sum loses or wins as its beginning is moved towards a place, by no more than a thousand of its payments, and how far that is. Where few of many
-- payments are its own, they are found by their deals or their resource.
create function {s}.move_sum(one {s}.sums, target bigint, out step bigint, out held numeric, out spent numeric, out count bigint)
language plpgsql stable as $$
declare
  most constant integer := 1000;
  low bigint := least(one.from_place, target);
  high bigint := greatest(one.from_place, target);
  is_back constant boolean := target < one.from_place;
  direction constant text := case when is_back then 'desc' else 'asc' end;
  is_all constant boolean := one.host = '' and one.pay_to = '' and one.tag = '' and one.resource = '';
  places text := 'place >= $1 and place < $2';
  numbers bigint[];
  own text;
  ends record;
begin
  step := target;
  if is_all and high - low > most then
    step := case when is_back then high - most else low + most end;
  elsif high - low > most then
    if one.resource <> '' then
      places := places || ' and resource = $4';
    else
      numbers := case
        when one.tag <> '' then (select array_agg(number) from {s}.deals where tags @> array[one.tag])
        when one.pay_to <> '' then (select array_agg(number) from {s}.deals where pay_to = one.pay_to)
        else (select array_agg(number) from {s}.deals where host = one.host)
      end;
      places := places || ' and deal = mine.number';
    end if;
    own := format('select piece.place from unnest($5::bigint[]) as mine (number) cross join lateral (
      select place from {s}.payments where %s order by place %s limit $3) as piece order by piece.place %s limit $3',
      places, direction, direction);
    if one.resource <> '' then numbers := array[0]; end if;
    execute format('select count(*) as count, min(place) as first, max(place) as last from (%s) as own', own)
      into ends using low, high, most, one.resource, numbers;
    if ends.count = most then step := case when is_back then ends.first else ends.last + 1 end; end if;
  end if;
  if is_back then low := step; else high := step; end if;
  execute format('select coalesce(pg_catalog.sum(amount) filter (where counts = ''held''), 0),
      coalesce(sum(amount) filter (where counts = ''spent''), 0), count(*)
    from (
      select piece.amounts[array_position(deals.units, $6)] as amount, piece.counts
      from unnest($5::bigint[]) as mine (number) cross join lateral (
        select amounts, counts, resource, deal from {s}.payments where %s offset 0
      ) as piece join {s}.deals on deals.number = piece.deal
      where piece.counts <> ''none'' and $6 = any (deals.units) and $7 in ('''', deals.host) and $8 in ('''', deals.pay_to)
        and $9 = any (array_prepend('''', deals.tags)) and $4 in ('''', piece.resource)
    ) as own', places)
    into held, spent, count
    using low, high, most, one.resource, coalesce(numbers, array[0]), one.unit, one.host, one.pay_to, one.tag;
end $$;

-- The sum for a cap as far as it is built, made if it wasn't asked for before; and whether it is whole. Null where the clock is outside of the cap's months.
create function {s}.read_sum(cap jsonb, head {s}.head, now_seconds bigint, falls jsonb, out whole boolean, out sum {s}.sums)
language plpgsql volatile as $$
declare
  "window" constant jsonb := cap->'window';
  horizon bigint;
  target bigint := 0;
  sign integer;
  moved record;
begin
  if "window"->>'seconds' is not null then
    horizon := floor(now_seconds - ("window"->>'seconds')::numeric);
  elsif "window"->>'zone' is not null then
    select max(start) - 1 into horizon from (
      select value::text::bigint as start, at, count(*) over () as last
      from jsonb_array_elements("window"->'starts') with ordinality as every (value, at)
    ) as starts where start <= now_seconds and at < last and now_seconds < ("window"->'starts'->>-1)::bigint;
    if horizon is null then return; end if;
  end if;
  select * into sum from {s}.sums where unit = cap->>'unit' and host = coalesce(cap->>'host', '')
    and pay_to = coalesce(cap->>'payTo', '') and tag = coalesce(cap->>'tag', '')
    and resource = coalesce(cap->>'resource', '') and stretch = coalesce("window"->>'seconds', "window"->>'zone', '');
  if sum.unit is null then
    insert into {s}.sums values (cap->>'unit', coalesce(cap->>'host', ''), coalesce(cap->>'payTo', ''),
      coalesce(cap->>'tag', ''), coalesce(cap->>'resource', ''), coalesce("window"->>'seconds', "window"->>'zone', ''),
      head.rows, 0, 0, 0, head.rows) returning * into sum;
  end if;
  if horizon is not null then target := {s}.first_after(horizon, sum.from_place, head.rows, falls); end if;
  whole := true;
  if target = sum.from_place then return; end if;
  moved := {s}.move_sum(sum, target);
  sign := case when target < sum.from_place then 1 else -1 end;
  update {s}.sums as one set from_place = moved.step, held = one.held + sign * moved.held,
    spent = one.spent + sign * moved.spent, count = one.count + sign * moved.count
  where one.unit = sum.unit and one.host = sum.host and one.pay_to = sum.pay_to and one.tag = sum.tag
    and one.resource = sum.resource and one.stretch = sum.stretch returning * into sum;
  whole := moved.step = target;
end $$;

-- Forgets sums that no payment was added to for long; one that is asked for again is built anew.
create function {s}.forget_sums(head {s}.head) returns void language sql volatile as $$
  delete from {s}.sums where head.rows % 1000 = 0 and last_place < head.rows - 100000
$$;
`
