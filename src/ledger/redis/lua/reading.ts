import { GONE, RECOVERING } from './frame.js'
import { VALUE } from './register.js'
import { LISTS, OPEN_ROWS, ROWS } from './rows.js'

const OPEN = `
${RECOVERING}
local to=reply('open',gone() or '')
for _,r in ipairs(openRows(ARGV[8])) do rowReply(to,r) end
return to
`

/** Its argument: which rows, as JSON. */
const ROWS_OF = `
local to,which=reply('rows'),cjson.decode(ARGV[8])
local ids=which.ids or {}
if which.owner then
  for i,member in ipairs(call('ZRANGEBYLEX',H,'['..which.owner..':','('..which.owner..';','LIMIT',0,which.limit)) do ids[i]=string.sub(member,#which.owner+2) end
elseif which.unresolved then
  ids=call('ZREVRANGEBYSCORE',U,which.before and '('..int(which.before) or '+inf','-inf','LIMIT',0,which.limit)
elseif which.limit then
  local l=list(P,'n')
  local last=math.min(which.before or l.n,l.n)
  for place=last-1,math.max(last-which.limit,0),-1 do ids[#ids+1]=entry(l,place) end
end
for _,id in ipairs(ids) do
  local r=look(id)
  if r then rowReply(to,r) end
end
return to
`

const DEALS = String.raw`
local to=reply('deals')
for i=8,#ARGV do
  local number=call('HGET',D,ARGV[i])
  if number then
    to[#to+1]=ARGV[i]
    to[#to+1]=string.match(call('HGET',D,'#'..number),'^%S+\n[^\n]*\n(.*)$')
  end
end
return to
`

const GET = `
local revision,text=value(ARGV[8])
return reply('value',revision,text)
`

const BEAT = `
local last=int(ms+lease)
for _,owner in ipairs(call('ZRANGEBYSCORE',L,'('..last,'+inf')) do call('ZADD',L,last,owner) end
call('ZADD',L,last,asker)
local to=reply('beat')
for _,owner in ipairs(call('ZRANGEBYSCORE',L,'-inf','('..int(ms))) do to[#to+1]=owner end
return to
`

const BURY = `
local owner=ARGV[8]
local till=call('ZSCORE',L,owner)
local isGone=owner==asker or till and tonumber(till)<ms
if isGone and #call('ZRANGEBYLEX',H,'['..owner..':','('..owner..';','LIMIT',0,1)==0 then call('ZREM',L,owner) end
return reply('buried')
`

const REPLICAS = String.raw`
if info=='' then return reply('blind') end
local to=reply('replicas',string.match(info,'master_repl_offset:(%d+)') or '0')
for offset in string.gmatch(info,'slave%d+:[^\r\n]*state=online,offset=(%d+)') do to[#to+1]=offset end
return to
`

/** The steps that need no sums and write no rows: each is what follows the frame. */
export const READING = {
  open: `${ROWS}${OPEN_ROWS}${GONE}${OPEN}`,
  rows: `${LISTS}${ROWS}${ROWS_OF}`,
  deals: DEALS,
  get: `${VALUE}${GET}`,
  beat: BEAT,
  bury: BURY,
  replicas: REPLICAS,
}
