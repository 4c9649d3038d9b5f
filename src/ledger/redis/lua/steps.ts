import { FAR_SECONDS } from '../../book/ledger-time.js'
import { ARITHMETIC, GONE, RECOVERING } from './frame.js'
import { SET_VALUE, VALUE } from './register.js'
import { LISTS, NAME_ROW, OPEN_ROWS, ROWS } from './rows.js'
import { CAPS, SUMS } from './sums.js'
import { APPENDING, RECOUNTING, ROW_ARGUMENTS, WRITING } from './writing.js'

/** How many rows there are, when the newest was reserved, and how the clock is told to have fallen. */
const COUNTED = `
local n,newest=tonumber(call('HGET',M,'n') or 0),tonumber(call('HGET',M,'at') or 0)
local falls,newestFrom={},nil
`

/** The time of a step: what was seen of it, as JSON, empty for nothing. */
const TIME = `
local function timeReply(to)
  local revision,text=value('clock')
  for _,v in ipairs({int(now),int(n),int(newest),revision,text}) do to[#to+1]=v end
  return to
end
local function seesTime(time)
  if tonumber((value('clock')))~=(time and time.revision or 0) then return false end
  if time then
    if now<time.nowSeconds or now>time.nowSeconds+60 then return false end
    now,falls=time.nowSeconds,time.falls
  end
  newestFrom=n>0 and from({place=n-1,at=newest}) or now
  if time and time.count then return n==time.count end
  return newestFrom-now<=${FAR_SECONDS}
end
`

/** Its arguments: the row; the names of the purchase; the ruling, the open rows, the pin and the time that were seen; and the caps. */
const RESERVE = `
local r=readRow(8)
local known=look(r.id)
if known then return rowReply(reply('reserved'),known) end
${RECOVERING}
local names,ruling,open,seenPin,seenTime=unpack(ARGV,${8 + ROW_ARGUMENTS},${8 + ROW_ARGUMENTS + 4})
local time=seenTime~='' and cjson.decode(seenTime)
local function firstPin()
  local key=r.pinKey
  local first=call('ZRANGEBYLEX',I,'['..key..':','('..key..';','LIMIT',0,1)[1]
  if not first then return '' end
  return (string.match(first,'^%x+:%d+:%a:(.*)$'))
end
local function seesAll()
  if ruling~=value('freeze')..':'..value('limits') then return false end
  local found=openRows(names)
  for i,one in ipairs(found) do found[i]=one.id..':'..int(one.rev) end
  if open~=table.concat(found,',') then return false end
  return seenPin=='-' or seenPin==':'..firstPin()
end
local caps={}
local function seesCaps()
  for at=${8 + ROW_ARGUMENTS + 5},#ARGV,9 do
    local cap=readCap(at)
    if not cap then return false end
    caps[#caps+1]=cap
  end
  return true
end
if not (seesAll() and seesTime(time) and seesCaps()) then
  local to=reply('unseen')
  for _,name in ipairs({'freeze','limits'}) do
    local revision,text=value(name)
    to[#to+1]=revision
    to[#to+1]=text
  end
  to[#to+1]=seenPin~='-' and firstPin() or ''
  timeReply(to)
  local found=openRows(names)
  local owner=#found>0 and gone()
  if owner then return reply('gone',owner) end
  for _,one in ipairs(found) do rowReply(to,one) end
  return to
end
local is,full='reserved',nil
for i,cap in ipairs(caps) do
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
if time and time.value and is~='building' then setValue('clock','-',time.value) end
if is=='reserved' then
  r.rev,r.at=1,math.max(now,newestFrom)
  append(r)
  full={int(r.place),int(r.at),'1'}
end
flush()
return reply(is,unpack(full or {}))
`

/** Its arguments: the row, and the revision that it is expected to have. What the asker knows itself isn't replied. */
const WRITE = `
local r,expected=readRow(8),tonumber(ARGV[${8 + ROW_ARGUMENTS}])
local before=look(r.id)
if not before then return reply('unknown') end
if before.rev==expected then
  r.place,r.at,r.rev=before.place,before.at,before.rev+1
  writeRow(r,before)
  count()
elseif before.rev==expected+1 and before.owner==r.owner and textOf(before)==r.text then
  r=before
else
  return rowReply(reply('stale'),before)
end
return reply('written',int(r.place),int(r.at),int(r.rev))
`

/** Its arguments: of each row the row, its revision, and when it was reserved. */
const MEND = `
local back=0
for at=8,#ARGV,${ROW_ARGUMENTS + 2} do
  local r=readRow(at)
  r.rev,r.at=tonumber(ARGV[at+${ROW_ARGUMENTS}]),tonumber(ARGV[at+${ROW_ARGUMENTS + 1}])
  local before=look(r.id)
  if not before then
    r.at=math.max(r.at,newest-now<=${FAR_SECONDS} and newest or now)
    append(r)
    back=back+1
  elseif before.rev<r.rev or (before.counts=='n' and before.rev==r.rev and r.counts~='n') then
    r.place,r.at,r.rev=before.place,before.at,math.max(r.rev,before.rev+1)
    writeRow(r,before)
    count()
    back=back+1
  end
end
return reply('mended',int(back))
`

/** Its arguments: the time that was seen, and the cap. */
const SUM = `
local owner=gone()
if owner then return reply('gone',owner) end
local sees=seesTime(ARGV[8]~='' and cjson.decode(ARGV[8]))
local cap=sees and readCap(9)
if not cap then return timeReply(reply('unseen')) end
local w,is=assess(cap)
flush()
if is>0 then return reply('building') end
return reply('sum',w.held,w.spent,int(w.count))
`

/** Its arguments: the name, the expected revision, what names the put, and the text. */
const PUT = `
local name,expected,wanted,text=unpack(ARGV,8,11)
local revision,_,token=value(name)
local is=token==wanted
if not is and revision==expected then
  setValue(name,wanted,text)
  is=true
end
return reply('put',is and '1' or '0')
`

const ASKING = `${COUNTED}${LISTS}${ROWS}${NAME_ROW}${ARITHMETIC}${SUMS}${GONE}${VALUE}`

/** The other steps. All that can refuse is looked at before anything is written, since a script isn't undone where it fails. */
export const STEPS = {
  reserve: `${ASKING}${OPEN_ROWS}${SET_VALUE}${CAPS}${TIME}${RECOUNTING}${APPENDING}${RESERVE}`,
  write: `${ROWS}${WRITING}${WRITE}`,
  mend: `${COUNTED}${LISTS}${ROWS}${NAME_ROW}${WRITING}${APPENDING}${MEND}`,
  sum: `${ASKING}${CAPS}${TIME}${SUM}`,
  put: `${VALUE}${SET_VALUE}${PUT}`,
}
