/** How long nothing is reserved or claimed after the engine may have lost something, so that every process puts back what it knows. */
export const RECOVERING_MS = 3000

/** For how long it's remembered which put removed a value, in seconds: longer than any ledger repeats a step. */
const REMOVED_SECONDS = 600

/**
 * What every step begins with: the keys, what is asked, the engine's time; that it isn't too late; and the fence. A fence is the engine's replication id,
 * which changes when it is restarted or another takes over, and the moment at which that was noticed. Where it isn't the one that is stored, where
 * the engine has written less than the asker was told, or where it doesn't know the asker's fence, it may have lost something: then a new fence
 * begins, which says whether it is known to have. One that may not read the replication id takes the fence as it is.
 *
 * Where the clock went back, nothing waits for what it said before.
 *
 * A value that was removed is forgotten by a removal that comes ten minutes later or more, and the highest revision of all such values is kept: none is given twice.
 */
export const FRAME = `
local M,R,P,D,W,X,O,U,I,H,L,G=unpack(KEYS)
local verb,ask,body=ARGV[1],cjson.decode(ARGV[2]),cjson.decode(ARGV[3])
local call=redis.call
local stamp=call('TIME')
local ms=stamp[1]*1000+math.floor(stamp[2]/1000)
local now=ask.now or tonumber(stamp[1])
local held=call('HMGET',M,'n','at','rev','f','rec','x1','x2','x4','x8')
local n,newest,rev,fences,rec=tonumber(held[1]) or 0,tonumber(held[2]) or 0,tonumber(held[3]) or 0,held[4],tonumber(held[5]) or 0
local built={[1]=tonumber(held[6]),[2]=tonumber(held[7]),[4]=tonumber(held[8]),[8]=tonumber(held[9])}
local fence=fences and string.match(fences,'^%S+') or ''
local function reply(...) return {fence,int(rev),int(ms),...} end
if ask.deadline and ms>ask.deadline then return reply('late') end
local info=redis.pcall('INFO','replication')
local replid=type(info)=='string' and string.match(info,'master_replid:(%x+)') or '-'
if ((replid~='-' or fence=='') and string.match(fence,'^[^.]*')~=replid) or rev<ask.rev or not string.find(fences,ask.fence,1,true) then
  local isBack=ask.fence~='' and (rev<ask.rev or not string.find(fences or '',ask.fence,1,true))
  fence=replid..'.'..stamp[1]..'.'..stamp[2]..(isBack and '.back' or '')
  if fences or ask.fence~='' then rec=ms+${RECOVERING_MS} end
  fences=fence
  for old in string.gmatch(ask.fence..' '..(held[4] or ''),'%S+') do if #fences<500 then fences=fences..' '..old end end
  rev=math.max(rev,ask.rev)
  call('HSET',M,'f',fences,'rec',int(rec),'rev',int(rev))
end
if rec>ms+${RECOVERING_MS} then
  rec=ms+${RECOVERING_MS}
  call('HSET',M,'rec',int(rec))
end
local function count() rev=rev+1 call('HSET',M,'rev',int(rev)) end
local function lives(owner) if owner~='' then call('ZADD',L,'NX',int(ms+ask.lease),owner) end end
local function gone()
  for _,owner in ipairs(call('ZRANGEBYSCORE',L,'-inf','('..int(ms),'LIMIT',0,2)) do if owner~=ask.owner then return owner end end
end
local function value(name)
  local s=call('HGET',G,name)
  if not s then return '0','','' end
  local r,token,text=string.match(s,'^(%d+) (%S+) (.*)$')
  return text=='' and '0' or r,text,token
end
local function forgetRemoved(name,revision)
  local from,to=tonumber(call('HGET',G,'.from') or 0),tonumber(call('HGET',G,'.to') or 0)
  call('HSET',G,'.'..int(to),revision..' '..stamp[1]..' '..name,'.to',int(to+1))
  for i=from,from+1 do
    local r,at,old=string.match(call('HGET',G,'.'..int(i)) or '','^(%d+) (%d+) (.*)$')
    if not r or math.abs(stamp[1]-at)<${REMOVED_SECONDS} then break end
    if string.match(call('HGET',G,old) or '','^(%d+) %S+ $')==r then
      call('HDEL',G,old)
      call('HSET',M,'g',int(math.max(tonumber(r),tonumber(call('HGET',M,'g') or 0))))
    end
    call('HDEL',G,'.'..int(i))
    call('HSET',G,'.from',int(i+1))
  end
end
local function setValue(name,token,text)
  local before=tonumber(string.match(call('HGET',G,name) or call('HGET',M,'g') or '0','^%d+'))
  local revision=int(math.max(before+1,stamp[1]*1e6+stamp[2]))
  call('HSET',G,name,revision..' '..token..' '..text)
  if text=='' then forgetRemoved(name,revision) end
  count()
end
`
