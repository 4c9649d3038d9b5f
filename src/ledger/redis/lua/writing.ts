import { ARITHMETIC } from './frame.js'
import { SUMS } from './sums.js'

/** How many arguments a row takes; `toArguments` of `store.ts` writes them. */
export const ROW_ARGUMENTS = 14

/** The sums of a step that only writes them: its functions are made where a sum changes, since making them takes longer than the rest. */
const WRITTEN_SUMS = `${ARITHMETIC}${SUMS}`

/**
 * Writing a row: the row itself; what it is found by; whom its origin is pinned to; and every sum that counts it.
 *
 * A pin is a member of one sorted set by its key, so that the first of a key is the first in it. A row that pins for good makes all later
 * ones of its key meaningless: they aren't kept, and where it is, is.
 *
 * @param recount - Lua that counts `r` and `before` in sums.
 */
const write = (recount: string): string => String.raw`
local function readRow(at)
  local r={}
  r.id,r.counts,r.owner,r.dealKey,r.dealNames,r.dealText,r.resource,r.pin,r.pinKey,r.payTo,r.unresolved,r.sums,r.open,r.text=unpack(ARGV,at,at+${ROW_ARGUMENTS - 1})
  return r
end
local function pin(r,was)
  local fixed=call('HGET',M,'p'..r.pinKey)
  if fixed and tonumber(fixed)<r.place then return end
  local member=r.pinKey..':'..string.format('%016.0f',r.place)..':'
  if was~='n' then call('ZREM',I,member..was..':'..r.payTo) end
  if r.pin=='n' then return end
  call('ZADD',I,0,member..r.pin..':'..r.payTo)
  if r.pin=='f' then
    call('HSET',M,'p'..r.pinKey,int(r.place))
    call('ZREMRANGEBYLEX',I,'('..member..'~','('..r.pinKey..';')
  end
end
local function index(r,old)
  for name in string.gmatch(old,'%x+') do
    if not string.find(r.open,name,1,true) then
      local rest={}
      for id in string.gmatch(call('HGET',O,name) or '','%S+') do if id~=r.id then rest[#rest+1]=id end end
      if #rest==0 then call('HDEL',O,name) else call('HSET',O,name,table.concat(rest,' ')) end
    end
  end
  for name in string.gmatch(r.open,'%x+') do
    if not string.find(old,name,1,true) then
      local others=call('HGET',O,name)
      call('HSET',O,name,others and others..' '..r.id or r.id)
    end
  end
end
local function writeRow(r,before)
  r.deal=call('HGET',D,r.dealKey)
  if not r.deal then
    r.deal=int(call('HLEN',D)/2)
    call('HSET',D,r.dealKey,r.deal,'#'..r.deal,r.dealKey..'\n'..r.dealNames..'\n'..r.dealText)
  end
  local was=before or {owner='',open='',pin='n',unresolved='0'}
  if was.open~=r.open then index(r,was.open) end
  if was.unresolved~=r.unresolved then
    if r.unresolved=='0' then call('ZREM',U,r.id) else call('ZADD',U,int(r.place),r.id) end
  end
  if was.owner~=r.owner then
    if was.owner~='' then call('ZREM',H,was.owner..':'..r.id) end
    if r.owner~='' then
      call('ZADD',H,0,r.owner..':'..r.id)
      call('ZADD',L,'NX',int(ms+lease),r.owner)
    end
  end
  if was.pin~=r.pin then pin(r,was.pin) end
  if was.counts~=r.counts or was.sums~=r.sums or was.deal~=r.deal then
    ${recount}
  end
  local head=int(r.place)..' '..int(r.rev)..' '..int(r.at)..' '..r.counts..' '..r.owner..' '..r.deal..' '..r.resource..' '..r.pin..' '..r.unresolved..' '..r.sums..' '..r.open..'\n'
  r.whole,r.from=head..r.text,#head+1
  call('HSET',R,r.id,r.whole)
  rows[r.id]=r
end
`

/** Writing rows in a step that has no sums of its own. */
export const WRITING: string = write(`${WRITTEN_SUMS} recount(r,before) flush()`)

/** Writing a row in a step that has asked for sums; it flushes them. */
export const RECOUNTING: string = write('recount(r,before)')

/** A new row, at the end. It is on every list of names that is complete. */
export const APPENDING = `
local function append(r)
  r.place=n
  push(list(P,'n'),r.id)
  n,newest=n+1,r.at
  writeRow(r)
  count('n',int(n),'at',int(r.at))
  for bit in string.gmatch(call('HGET',M,'x') or '','%d') do nameRow(r,bit) end
end
`
