/** How long nothing is reserved or claimed after the engine may have lost something, so that every process puts back what it knows. */
export const RECOVERING_MS = 3000

/**
 * What every step begins with: the keys, what is asked, the engine's time; that it isn't too late; and the fence. A fence is the engine's replication id,
 * which changes when it is restarted or another takes over, and the moment at which that was noticed. Where it isn't the one that is stored, where
 * the engine has written less than the asker was told, or where it doesn't know the asker's fence, it may have lost something: then a new fence
 * begins, which says whether it is known to have. One that may not read the replication id takes the fence as it is.
 *
 * `count` is called at each write, with what else of the meta is written.
 */
export const FRAME = `
local M,R,P,D,W,X,O,U,I,H,L,G=unpack(KEYS)
local _,asker,lease,deadline,nowGiven,askFence,askRev=unpack(ARGV,1,7)
local call=redis.call
local function int(x) return string.format('%d',x) end
local stamp=call('TIME')
local ms=stamp[1]*1000+math.floor(stamp[2]/1000)
local now=tonumber(nowGiven~='' and nowGiven or stamp[1])
local rev,fences=tonumber(call('HGET',M,'rev') or 0),call('HGET',M,'f')
local fence=fences and string.match(fences,'^%S+') or ''
local function reply(...) return {fence,int(rev),int(ms),...} end
if deadline~='' and ms>tonumber(deadline) then return reply('late') end
local info=redis.pcall('INFO','replication')
if type(info)~='string' then info='' end
local was=string.match(fence,'^[^.]*')
local replid=was
if fence=='' or not string.find(info,'master_replid:'..was,1,true) then
  replid=string.match(info,'master_replid:(%x+)') or (fence=='' and '-' or was)
end
local isBehind=rev<tonumber(askRev) or not string.find(fences or '',askFence,1,true)
if isBehind or replid~=was then
  local before=fences
  fence=replid..'.'..stamp[1]..'.'..stamp[2]..(askFence~='' and isBehind and '.back' or '')
  fences=fence
  for old in string.gmatch(askFence..' '..(before or ''),'%S+') do if #fences<500 then fences=fences..' '..old end end
  rev=math.max(rev,askRev)
  call('HSET',M,'f',fences,'rev',int(rev))
  if before or askFence~='' then call('HSET',M,'rec',int(ms+${RECOVERING_MS})) end
end
local function count(...)
  rev=rev+1
  call('HSET',M,'rev',int(rev),...)
end
`

/** Ends a step while processes put back. Where the clock went back, nothing waits for what it said before. */
export const RECOVERING = `
local rec=tonumber(call('HGET',M,'rec') or 0)
if ms<rec then
  if rec>ms+${RECOVERING_MS} then call('HSET',M,'rec',int(ms+${RECOVERING_MS})) end
  return reply('recovering')
end
`

/** Another process that is gone, if any. */
export const GONE = `
local function gone()
  for _,owner in ipairs(call('ZRANGEBYSCORE',L,'-inf','('..int(ms),'LIMIT',0,2)) do if owner~=asker then return owner end end
end
`

/**
 * Arithmetic on whole numbers of any size, in Lua, whose numbers are doubles: texts of decimal digits. Up to 15 digits are exact in a double; of more, the last
 * 14 are taken, and what is before them, which may be nothing, is a number of its own. A dollar is 19 digits, so that two steps are usual.
 *
 * `sub` returns nothing where the result would be negative: then a sum isn't what its rows say, and it is built anew.
 */
export const ARITHMETIC = `
local slice,format=string.sub,string.format
local function add(a,b)
  if #a<16 and #b<16 then return int(('0'..a)+('0'..b)) end
  local low,high=('0'..slice(a,-14))+('0'..slice(b,-14)),add(slice(a,1,-15),slice(b,1,-15))
  if low>=1e14 then low,high=low-1e14,add(high,'1') end
  return format('%s%014d',high,low)
end
local function less(a,b)
  if #a~=#b then return #a<#b end
  return a<b
end
local function minus(a,b)
  if #a<16 then return int(a-('0'..b)) end
  local low,high=slice(a,-14)-('0'..slice(b,-14)),minus(slice(a,1,-15),slice(b,1,-15))
  if low<0 then low,high=low+1e14,minus(high,'1') end
  return high=='0' and int(low) or format('%s%014d',high,low)
end
local function sub(a,b)
  if not less(a,b) then return minus(a,b) end
end
`
