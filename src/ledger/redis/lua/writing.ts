/**
 * Writing a row: the row itself; what it is found by; whom its origin is pinned to; and every sum that counts it.
 *
 * A pin is a member of one sorted set by its key, so that the first of a key is the first in it. A row that pins for good makes all later
 * ones of its key meaningless: they aren't kept, and where it is, is.
 */
export const WRITING = String.raw`
local function firstPin(key)
  local first=call('ZRANGEBYLEX',I,'['..key..':','('..key..';','LIMIT',0,1)[1]
  if not first then return '' end
  return (string.match(first,'^%x+:%d+:%a:(.*)$'))
end
local function pin(r,before,wanted)
  local is=string.sub(wanted.is,1,1)
  local was=before and before.pin or 'n'
  if is==was then return end
  local key=wanted.key
  local member=key..':'..fmt('%016.0f',r.place)..':'
  if was~='n' then call('ZREM',I,member..was..':'..wanted.payTo) end
  if is=='n' then return end
  local fixed=tonumber(call('HGET',M,'p'..key) or r.place)
  if fixed<r.place then return end
  call('ZADD',I,0,member..is..':'..wanted.payTo)
  if is=='f' then
    call('HSET',M,'p'..key,int(r.place))
    call('ZREMRANGEBYLEX',I,'('..member..'~','('..key..';')
  end
end
local function index(r,before,open)
  local is={}
  for _,name in ipairs(open) do is[name]=true end
  r.open=table.concat(open,',')
  local old=before and before.open or ''
  if old==r.open then return end
  for name in string.gmatch(old,'%x+') do
    if not is[name] then
      local rest={}
      for id in string.gmatch(call('HGET',O,name) or '','%S+') do if id~=r.id then rest[#rest+1]=id end end
      if #rest==0 then call('HDEL',O,name) else call('HSET',O,name,table.concat(rest,' ')) end
    end
  end
  for _,name in ipairs(open) do
    if not string.find(old,name,1,true) then
      local others=call('HGET',O,name)
      call('HSET',O,name,others and others..' '..r.id or r.id)
    end
  end
end
local function writeRow(written,place,revision,at,before)
  local r={id=written.id,place=place,rev=revision,at=at,counts=string.sub(written.counts,1,1),owner=written.owner,
    deal=numberOf(written.deal),resource=written.resource,pin=string.sub(written.pin.is,1,1),
    unresolved=written.isUnresolved and '1' or '0',sums=table.concat(written.amounts,','),amounts=written.amounts,text=written.text}
  index(r,before,written.openUnder)
  if before then
    if before.unresolved~=r.unresolved and r.unresolved=='0' then call('ZREM',U,r.id) end
    if before.owner~='' and before.owner~=r.owner then call('ZREM',H,before.owner..':'..r.id) end
  end
  if r.unresolved=='1' and not (before and before.unresolved=='1') then call('ZADD',U,int(place),r.id) end
  if r.owner~='' and not (before and before.owner==r.owner) then
    call('ZADD',H,0,r.owner..':'..r.id)
    lives(r.owner)
  end
  pin(r,before,written.pin)
  local units=dealOf(r.deal).units
  if before and before.deal~=r.deal then
    local all,is={},{}
    for _,some in ipairs({units,dealOf(before.deal).units}) do
      for _,unit in ipairs(some) do if not is[unit] then is[unit]=true all[#all+1]=unit end end
    end
    units=all
  end
  recount(r,before,units)
  call('HSET',R,r.id,int(place)..' '..int(revision)..' '..int(at)..' '..r.counts..' '..r.owner..' '..r.deal..' '..r.resource..' '..r.pin..' '..r.unresolved..' '..r.sums..' '..r.open..'\n'..r.text)
  rows[r.id]=r
  count()
  return r
end
local function append(written,revision,at)
  local place=n
  push(list(P,'n'),written.id)
  n,newest=n+1,at
  call('HSET',M,'n',int(n),'at',int(at))
  local r=writeRow(written,place,revision,at)
  for bit,done in pairs(built) do
    if done==place then
      nameRow(r,bit)
      built[bit]=n
      call('HSET',M,'x'..bit,int(n))
    end
  end
  return r
end
`
