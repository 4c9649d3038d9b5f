/**
 * Whether all caps have room, by sums that are whole as they are: each begins where it did when it was asked for last, which the
 * payments on both sides of that place tell. Where this says no, `read_sum` tells why.
 */
export const IS_ROOM = `
  select coalesce(bool_and(coalesce(sum.is_whole
    and (wanted->>'amount' is null or sum.held + sum.spent + (wanted->>'added')::numeric <= (wanted->>'amount')::numeric)
    and (wanted->>'count' is null or sum.count + 1 <= (wanted->>'count')::numeric), false)), true)
  from (select value as wanted, {s}.horizon(value->'window', now_seconds) as horizon from jsonb_array_elements(caps)) as every
  left join lateral (
    select one.held, one.spent, one.count, case when wanted->'window' is null then one.from_place = 0 else horizon is not null
      and (one.from_place = row_count or (select at_seconds from {s}.payments where place = one.from_place) > horizon)
      and (one.from_place = 0 or (select at_seconds from {s}.payments where place = one.from_place - 1) <= horizon) end as is_whole
    from {s}.sums as one
    where one.unit = wanted->>'unit' and one.host = coalesce(wanted->>'host', '') and one.pay_to = coalesce(wanted->>'payTo', '')
      and one.tag = coalesce(wanted->>'tag', '') and one.resource = coalesce(wanted->>'resource', '')
      and one.stretch = coalesce(wanted->'window'->>'seconds', wanted->'window'->>'zone', '')
    limit 1
  ) as sum on true`

/**
 * Adds what a payment counts, less what it counted before, to each sum that has it. It's written into the steps, since a function of
 * its own costs as much again.
 *
 * @param count - Names of variables of the step.
 */
export function toCount({ deal, of, before, after }: Count): string {
  const countOf = (one: string) => (one === 'new_row' ? 'new_counts' : `${one}.counts`)
  const amountOf = (one: string, counts: string) => {
    const amounts = one === 'new_row' ? 'new_amounts' : `${one}.amounts`
    return `case ${countOf(one)} when '${counts}' then ${amounts}[array_position(${deal}.units, sum.unit)] else 0 end`
  }
  const toSum = (start: string, toTerm: (one: string) => string) =>
    `${start}${after === undefined ? '' : ` + ${toTerm(after)}`}${before === undefined ? '' : ` - ${toTerm(before)}`}`
  return `update {s}.sums as sum set
    held = ${toSum('sum.held', (one) => amountOf(one, 'held'))},
    spent = ${toSum('sum.spent', (one) => amountOf(one, 'spent'))},
    count = ${toSum('sum.count', (one) => `(${countOf(one)} <> 'none')::integer`)},
    last_place = greatest(sum.last_place, ${of}.place)
  where sum.unit = any (${deal}.units) and sum.host in ('', ${deal}.host) and sum.pay_to in ('', ${deal}.pay_to)
    and sum.tag = any (array_prepend('', ${deal}.tags)) and sum.resource in ('', ${of}.resource) and sum.from_place <= ${of}.place`
}

type Count = {
  readonly deal: string
  /** A payment that says where it is. */
  readonly of: string
  /** What counts no more, in the deal's units. */
  readonly before?: string
  /** What counts from now on; `new_row` is what a step is given. */
  readonly after?: string
}

/**
 * Running sums. Each is of all payments from one place on. It ages as that place goes forward, is built as it goes back, and follows a clock that is set
 * back in the same way; no more than so many payments at a time.
 */
export const SUMS = `
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

-- After which time payments count in a month of a calendar. Null where the clock is outside of those that are told.
create function {s}.month_horizon("window" jsonb, now_seconds bigint) returns bigint language plpgsql immutable as $$
begin
  return (
    select max(start) - 1 from (
      select value::text::bigint as start, at, count(*) over () as last
      from jsonb_array_elements("window"->'starts') with ordinality as every (value, at)
    ) as starts where start <= now_seconds and at < last and now_seconds < ("window"->'starts'->>-1)::bigint
  );
end $$;

-- After which time payments count in a window, as above.
create function {s}.horizon("window" jsonb, now_seconds bigint) returns bigint language sql immutable as $$
  select case when "window"->>'seconds' is not null then floor(now_seconds - ("window"->>'seconds')::numeric)::bigint
    else {s}.month_horizon("window", now_seconds) end
$$;

-- The sum for a cap as far as it is built, made if it wasn't asked for before; and whether it is whole. Null where the clock is outside of the cap's months.
create function {s}.read_sum(cap jsonb, row_count bigint, now_seconds bigint, falls jsonb, out whole boolean, out sum {s}.sums)
language plpgsql volatile as $$
declare
  "window" constant jsonb := cap->'window';
  horizon bigint;
  target bigint := 0;
  sign integer;
  moved record;
begin
  if "window" is not null then
    horizon := {s}.horizon("window", now_seconds);
    if horizon is null then return; end if;
  end if;
  select * into sum from {s}.sums where unit = cap->>'unit' and host = coalesce(cap->>'host', '')
    and pay_to = coalesce(cap->>'payTo', '') and tag = coalesce(cap->>'tag', '')
    and resource = coalesce(cap->>'resource', '') and stretch = coalesce("window"->>'seconds', "window"->>'zone', '');
  if sum.unit is null then
    insert into {s}.sums values (cap->>'unit', coalesce(cap->>'host', ''), coalesce(cap->>'payTo', ''),
      coalesce(cap->>'tag', ''), coalesce(cap->>'resource', ''), coalesce("window"->>'seconds', "window"->>'zone', ''),
      row_count, 0, 0, 0, row_count) returning * into sum;
  end if;
  if horizon is not null then target := {s}.first_after(horizon, sum.from_place, row_count, falls); end if;
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
create function {s}.forget_sums(row_count bigint) returns void language plpgsql volatile as $$
begin
  delete from {s}.sums where last_place < row_count - 100000;
end $$;
`
