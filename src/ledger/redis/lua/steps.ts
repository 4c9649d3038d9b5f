import { FAR_SECONDS } from '../../book/ledger-time.js'

/**
 * The other steps, by their verbs. All that can refuse is looked at before anything is written, since a script isn't undone where it fails.
 */
export const STEPS = `
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
function steps.sum()
  local owner=gone()
  if owner then return reply('gone',owner) end
  if not (seesTime(body.time) and knowsMonths({body.cap})) then return timeReply(reply('unseen')) end
  local w,is=assess(body.cap)
  flush()
  if is>0 then return reply('building') end
  return reply('sum',w.held,w.spent,int(w.count))
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
return steps[verb]()
`
