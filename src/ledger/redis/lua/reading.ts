/**
 * The steps that need no sums and write no rows, by their verbs. They are done here, since making all functions of the rest takes longer than they do.
 */
export const READING = String.raw`
local steps={}
function steps.open()
  if ms<rec then return reply('recovering') end
  local to=reply('open',gone() or '')
  for _,r in ipairs(openRows(body.names)) do rowReply(to,r) end
  return to
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
function steps.beat()
  local last=int(ms+ask.lease)
  for _,owner in ipairs(call('ZRANGEBYSCORE',L,'('..last,'+inf')) do call('ZADD',L,last,owner) end
  call('ZADD',L,last,ask.owner)
  local to=reply('beat')
  for _,owner in ipairs(call('ZRANGEBYSCORE',L,'-inf','('..int(ms))) do to[#to+1]=owner end
  return to
end
function steps.bury()
  local till=call('ZSCORE',L,body.owner)
  local isGone=body.owner==ask.owner or till and tonumber(till)<ms
  if isGone and #call('ZRANGEBYLEX',H,'['..body.owner..':','('..body.owner..';','LIMIT',0,1)==0 then call('ZREM',L,body.owner) end
  return reply('buried')
end
function steps.replicas()
  if type(info)~='string' then return reply('blind') end
  local to=reply('replicas',string.match(info,'master_repl_offset:(%d+)') or '0')
  for offset in string.gmatch(info,'slave%d+:[^\r\n]*state=online,offset=(%d+)') do to[#to+1]=offset end
  return to
end
if steps[verb] then return steps[verb]() end
`
