/**
 * Lists that grow at their end, in fields of 32 entries of one hash: of the ids of all rows by their places, and of the places of each name. An
 * entry takes its own length and two bytes, and is found by one look. The last field says how many there are; one that has a single entry is one field.
 *
 * `push` is told a text without spaces.
 */
export const LISTS = `
local lists={}
local function list(key,name)
  local at=key..' '..name
  local l=lists[at]
  if not l then
    local size,tail=string.match(call('HGET',key,name) or '0','^(%d+) ?(.*)$')
    l={key=key,name=name,n=tonumber(size),tail=tail,parts={}}
    lists[at]=l
  end
  return l
end
local function entry(l,i)
  local k=math.floor(i/32)
  local part=l.parts[k]
  if not part then
    part={}
    local text=k==math.floor(l.n/32) and l.tail or call('HGET',l.key,l.name..':'..k)
    for one in string.gmatch(text,'%S+') do part[#part+1]=one end
    l.parts[k]=part
  end
  return part[i%32+1]
end
local function push(l,text)
  l.parts[math.floor(l.n/32)]=nil
  l.tail=l.tail=='' and text or l.tail..' '..text
  l.n=l.n+1
  if l.n%32==0 then
    call('HSET',l.key,l.name..':'..(l.n/32-1),l.tail)
    l.tail=''
  end
  call('HSET',l.key,l.name,l.n..' '..l.tail)
end
`

/**
 * Rows and deals. A row is one field: what the engine needs of it, a new line, and its text. A deal is written once and named by a number: what it goes by, the
 * names that sums go by, and its text, a line each.
 *
 * `rowReply` is a row as a reply has it: seven texts.
 */
export const ROWS = String.raw`
local deals={}
local function dealOf(number)
  local d=deals[number]
  if not d then
    local key,units,host,payTo,tags=string.match(call('HGET',D,'#'..number),'^(%S+)\n(%S*) (%S*) (%S*) (%S*)\n')
    d={key=key,units={},slot={},[1]={host},[4]={payTo},[8]={}}
    for unit in string.gmatch(units,'%x+') do
      d.units[#d.units+1]=unit
      d.slot[unit]=#d.units
    end
    for tag in string.gmatch(tags,'%x+') do table.insert(d[8],tag) end
    deals[number]=d
  end
  return d
end
local function namesOf(r,bit)
  if bit==2 then return {r.resource} end
  return dealOf(r.deal)[bit]
end
local rows={}
local function look(id)
  local r=rows[id]
  if r==nil then
    local s=call('HGET',R,id)
    r=false
    if s then
      local place,rev,at,counts,owner,deal,resource,pin,unresolved,sums,open,from=
        string.match(s,'^(%d+) (%d+) (%-?%d+) (%a) (%S*) (%d+) (%S+) (%a) (%d) (%S*) (%S*)\n()')
      r={id=id,place=tonumber(place),rev=tonumber(rev),at=tonumber(at),counts=counts,owner=owner,deal=deal,resource=resource,
        pin=pin,unresolved=unresolved,sums=sums,open=open,whole=s,from=from}
    end
    rows[id]=r
  end
  return r
end
local function textOf(r) return string.sub(r.whole,r.from) end
local function rowReply(to,r)
  for _,v in ipairs({r.id,int(r.place),int(r.at),int(r.rev),r.owner,dealOf(r.deal).key,textOf(r)}) do to[#to+1]=v end
  return to
end
`

/** Puts a row on the lists of its names of one kind. */
export const NAME_ROW = `
local function nameRow(r,bit)
  for _,name in ipairs(namesOf(r,tonumber(bit))) do push(list(X,bit..name),int(r.place)) end
end
`

/** The rows that are open under names, oldest first. */
export const OPEN_ROWS = `
local function openRows(names)
  local found,is={},{}
  for name in string.gmatch(names,'%x+') do
    for id in string.gmatch(call('HGET',O,name) or '','%S+') do
      if not is[id] then
        is[id]=true
        found[#found+1]=look(id) or nil
      end
    end
  end
  table.sort(found,function(a,b) return a.place<b.place end)
  return found
end
`
