import { FAR_SECONDS } from '../../book/ledger-time.js'

/**
 * Writing a row: the row itself; what it is found by; whom its origin is pinned to; and every sum that counts it.
 *
 * A pin is a member of one sorted set by its key, so that the first of a key is the first in it. A row that pins for good makes all later
 * ones of its key meaningless: they aren't kept.
 */
export const WRITING = String.raw`
local function firstPin(key)
  local first=call('ZRANGEBYLEX',I,'['..key..':','('..key..';','LIMIT',0,1)[1]
  if not first then return '' end
  local place,is,payTo=string.match(first,'^%x+:(%d+):(%a):(.*)$')
  return payTo,is,tonumber(place)
end
local function pin(r,before,wanted)
  local is=string.sub(wanted.is,1,1)
  local was=before and before.pin or 'n'
  if is==was then return end
  local key=wanted.key
  local member=key..':'..fmt('%016.0f',r.place)..':'
  if was~='n' then call('ZREM',I,member..was..':'..wanted.payTo) end
  if is=='n' then return end
  local _,first,place=firstPin(key)
  if first=='f' and place<r.place then return end
  call('ZADD',I,0,member..is..':'..wanted.payTo)
  if is=='f' then call('ZREMRANGEBYLEX',I,'('..member..'~','('..key..';') end
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

/**
 * The steps, by their verbs. All that can refuse is looked at before anything is written, since a script isn't undone where it fails.
 */
export const STEPS = String.raw`
local function timeReply(to)
  local revision,text=value('clock')
  for _,v in ipairs({int(now),int(n),int(newest),revision,text}) do to[#to+1]=v end
  return to
end
local function seesTime(time)
  local revision,text=value('clock')
  if tonumber(revision)~=(time and time.revision or 0) then return false end
  if time then
    if now<time.nowSeconds or now>time.nowSeconds+60 then return false end
    now,falls=time.nowSeconds,time.falls
  end
  newestFrom=n>0 and from({place=n-1,at=newest}) or now
  if time and time.count then return n==time.count end
  return newestFrom-now<=${FAR_SECONDS}
end
local function knowsMonths(caps)
  for _,cap in ipairs(caps) do if not horizonOf(cap.window) then return false end end
  return true
end
local function unseen(seen,names,key)
  local to=reply('unseen')
  for _,name in ipairs({'freeze','limits'}) do
    local revision,text=value(name)
    to[#to+1]=revision
    to[#to+1]=text
  end
  to[#to+1]=seen.pin and firstPin(key) or ''
  timeReply(to)
  local open=openRows(names)
  local owner=#open>0 and gone()
  if owner then return reply('gone',owner) end
  for _,r in ipairs(open) do rowReply(to,r) end
  return to
end
local function seesAll(seen,names,key)
  if seen.ruling~=value('freeze')..':'..value('limits') then return false end
  local open={}
  for i,r in ipairs(openRows(names)) do open[i]=r.id..':'..int(r.rev) end
  if seen.open~=table.concat(open,',') then return false end
  return not seen.pin or seen.pin==firstPin(key)
end
local steps={}
function steps.reserve()
  local row,seen=body.row,body.seen
  local known=look(row.id)
  if known then return rowReply(reply('reserved'),known) end
  if ms<rec then return reply('recovering') end
  if not (seesAll(seen,body.names,row.pin.key) and seesTime(seen.time) and knowsMonths(body.caps)) then
    return unseen(seen,body.names,row.pin.key)
  end
  local is,full='reserved',nil
  for i,cap in ipairs(body.caps) do
    local w,known=assess(cap)
    if known==2 or (known==1 and isFull(cap,w)) then
      is='building'
      break
    end
    if isFull(cap,w) then
      local owner=gone()
      if owner then return reply('gone',owner) end
      is,full='full',{int(i-1),w.held,w.spent}
      break
    end
  end
  local time=seen.time
  if time and time.value and is~='building' then setValue('clock','-',time.value) end
  local r=is=='reserved' and append(row,1,math.max(now,newestFrom))
  flush()
  if r then return rowReply(reply(is),r) end
  return reply(is,unpack(full or {}))
end
function steps.write()
  local row=body.row
  local before=look(row.id)
  if not before then return reply('unknown') end
  if before.rev==body.revision+1 and before.text==row.text and before.owner==row.owner then return rowReply(reply('written'),before) end
  if before.rev~=body.revision then return rowReply(reply('stale'),before) end
  local r=writeRow(row,before.place,before.rev+1,before.at,before)
  flush()
  return rowReply(reply('written'),r)
end
function steps.mend()
  local back=0
  for _,one in ipairs(body.rows) do
    local row=one.row
    local before=look(row.id)
    if not before then
      append(row,one.revision,math.max(one.at,newest-now<=${FAR_SECONDS} and newest or now))
      back=back+1
    elseif before.rev<one.revision or (before.counts=='n' and before.rev==one.revision and row.counts~='none') then
      writeRow(row,before.place,math.max(one.revision,before.rev+1),before.at,before)
      back=back+1
    end
  end
  flush()
  return reply('mended',int(back))
end
function steps.open()
  if ms<rec then return reply('recovering') end
  local to=reply('open',gone() or '')
  for _,r in ipairs(openRows(body.names)) do rowReply(to,r) end
  return to
end
function steps.sum()
  local owner=gone()
  if owner then return reply('gone',owner) end
  if not (seesTime(body.time) and knowsMonths({body.cap})) then return timeReply(reply('unseen')) end
  local w,is=assess(body.cap)
  flush()
  if is>0 then return reply('building') end
  return reply('sum',w.held,w.spent,int(w.count))
end
function steps.rows()
  local to,ids=reply('rows'),body.ids
  if body.owner then
    ids={}
    for i,member in ipairs(call('ZRANGEBYLEX',H,'['..body.owner..':','('..body.owner..';','LIMIT',0,body.limit)) do ids[i]=string.sub(member,#body.owner+2) end
  elseif body.unresolved then
    ids=call('ZREVRANGEBYSCORE',U,body.before and '('..int(body.before) or '+inf','-inf','LIMIT',0,body.limit)
  elseif not ids then
    ids={}
    local l=list(P,'n')
    local last=math.min(body.before or l.n,l.n)
    for place=last-1,math.max(last-body.limit,0),-1 do ids[#ids+1]=entry(l,place) end
  end
  for _,id in ipairs(ids) do
    local r=look(id)
    if r then rowReply(to,r) end
  end
  return to
end
function steps.deals()
  local to=reply('deals')
  for _,key in ipairs(body.keys) do
    local number=call('HGET',D,key)
    if number then
      to[#to+1]=key
      to[#to+1]=string.match(call('HGET',D,'#'..number),'^%S+\n[^\n]*\n(.*)$')
    end
  end
  return to
end
function steps.get()
  local revision,text=value(body.name)
  return reply('value',revision,text)
end
function steps.put()
  local revision,_,token=value(body.name)
  local is=token==body.token
  if not is and tonumber(revision)==body.revision then
    setValue(body.name,body.token,body.text)
    is=true
  end
  return reply('put',is and '1' or '0')
end
function steps.beat()
  call('ZADD',L,int(ms+ask.lease),ask.owner)
  local to=reply('beat')
  for _,owner in ipairs(call('ZRANGEBYSCORE',L,'-inf','('..int(ms))) do to[#to+1]=owner end
  return to
end
function steps.bury()
  local till=call('ZSCORE',L,body.owner)
  if body.owner==ask.owner or till and tonumber(till)<ms then call('ZREM',L,body.owner) end
  return reply('buried')
end
function steps.replicas()
  if type(info)~='string' then return reply('blind') end
  local to=reply('replicas',string.match(info,'master_repl_offset:(%d+)') or '0')
  for offset in string.gmatch(info,'slave%d+:[^\r\n]*state=online,offset=(%d+)') do to[#to+1]=offset end
  return to
end
return steps[verb]()
`
