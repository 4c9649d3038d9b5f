/** For how long it's remembered which put removed a value, in seconds: longer than any ledger repeats a step. */
const REMOVED_SECONDS = 600

/** Reading a value of the register: its revision, its text, and what wrote it. */
export const VALUE = `
local function value(name)
  local s=call('HGET',G,name)
  if not s then return '0','','' end
  local r,token,text=string.match(s,'^(%d+) (%S+) (.*)$')
  return text=='' and '0' or r,text,token
end
`

/**
 * Writing a value of the register. One that was removed is forgotten by a removal that comes ten minutes later or more, and the highest revision of all such
 * values is kept: none is given twice.
 */
export const SET_VALUE = `
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
