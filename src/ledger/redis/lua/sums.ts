/** Most rows that one step looks at: 200 of them take about 2 ms. */
const MAX_LOOKS = 200

/** Of how many rows a sum isn't kept, since adding them up is as fast: so a resource that was paid once costs no room. */
const FEW = 8

/** How far a sum may have moved in a step that writes nothing else, before that is written: a read writes nothing. */
const FAR = 50

/**
 * Running sums: for each unit, scope and length of time that was ever asked for, a field. A sum counts the rows of its scope from one on, by where
 * that is in the list of the scope and by its place; so a new row is always counted, and one that is written is counted if its place isn't
 * before it. The meta has all shapes of sums: the unit; of which kinds of names the scope is, as a sum of 1 host, 2 resource, 4 recipient and 8 tag; and the length of time.
 *
 * `recount` counts a row that is new or otherwise in every sum that has it.
 */
export const SUMS = `
local sums={}
local function sumAt(field)
  local w=sums[field]
  if w==nil then
    local s=call('HGET',W,field)
    w=false
    if s then
      local i,place,low,high,many,held,spent=string.match(s,'^(%d+) (%d+) (%S+) (%S+) (%d+) (%d+) (%d+)$')
      w={i=tonumber(i),place=tonumber(place),low=tonumber(low),high=tonumber(high),count=tonumber(many),held=held,spent=spent}
    end
    sums[field]=w
  end
  return w
end
local function flush()
  for field,w in pairs(sums) do
    if w and w.isWrong then call('HDEL',W,field)
    elseif w and w.isDirty then
      call('HSET',W,field,int(w.i)..' '..int(w.place)..' '..(w.low and int(w.low) or '-')..' '..(w.high and int(w.high) or '-')..' '..int(w.count)..' '..w.held..' '..w.spent)
    end
  end
end
local function count1(w,counts,amount,sign)
  if counts=='n' then return end
  local kind=counts=='h' and 'held' or 'spent'
  local sum=sign>0 and add(w[kind],amount) or sub(w[kind],amount)
  if sum then w[kind]=sum else w.isWrong=true end
  w.count=w.count+sign
end
local function amountOf(r,slot)
  for amount in string.gmatch(r.sums,'%d+') do
    slot=slot-1
    if slot==0 then return amount end
  end
end
local function scopesOf(r,mask)
  local names={''}
  for i=0,mask=='0' and -1 or 3 do
    local bit=2^i
    if math.floor(mask/bit)%2==1 then
      local longer={}
      for _,name in ipairs(namesOf(r,bit)) do for _,start in ipairs(names) do longer[#longer+1]=start..name end end
      names=longer
    end
  end
  return names
end
local function recount(r,before)
  local slots,oldSlots=dealOf(r.deal).slot,before and dealOf(before.deal).slot or {}
  for unit,mask,window in string.gmatch(call('HGET',M,'s') or '','(%x+)|(%d+)|(%S+)') do
    local new,old=slots[unit],oldSlots[unit]
    if new or old then
      local is,was=new and amountOf(r,new),old and amountOf(before,old)
      for _,names in ipairs(scopesOf(r,mask)) do
        local w=sumAt(unit..'|'..mask..'|'..window..'|'..names)
        if w and r.place>=w.place then
          w.isDirty=true
          if was then count1(w,before.counts,was,-1) end
          if is then count1(w,r.counts,is,1) end
        end
      end
    end
  end
end
`

/**
 * Asking for sums. Letting rows age, taking rows back where the clock went back, and building a sum that was never asked for are one thing: the
 * beginning is moved by some rows, until it is where it should be. A scope with a host, a recipient, a tag or a resource walks along the list of that name;
 * the lists of one kind of name are made for all names at once, when the first of that kind is asked for.
 *
 * `readCap` is told where the nine arguments of a cap begin; it returns nothing where the months aren't those of now. `assess` returns the sum of a cap and what it
 * is: 0 exact, 1 too much (rows are still to be let go), 2 too little (it is being built).
 */
export const CAPS = `
local left=${MAX_LOOKS}
local function from(r)
  local s=r.at
  for _,f in ipairs(falls) do
    if f[4]<0 then
      if r.place<f[1] then s=math.min(s,f[3]) end
    elseif r.place>=f[1] and r.place<f[4] then s=s+f[2]-f[3] end
  end
  return s
end
local function readCap(at)
  local cap,starts={},nil
  cap.unit,cap.mask,cap.names,cap.list,cap.window,starts,cap.amount,cap.count,cap.added=unpack(ARGV,at,at+8)
  cap.shape=cap.unit..'|'..cap.mask..'|'..cap.window
  cap.field=cap.shape..'|'..cap.names
  if cap.window=='*' then cap.horizon=-1e15
  elseif starts=='' then cap.horizon=now-cap.window
  else
    local start,last
    for s in string.gmatch(starts,'%S+') do
      last=tonumber(s)
      if last<=now then start=last end
    end
    if not start or now>=last then return nil end
    cap.horizon=start-1
  end
  return cap
end
local function rowAt(place) return look(entry(list(P,'n'),place)) end
local function listOf(cap)
  if cap.list=='' then return list(P,'n') end
  local bit,complete=string.sub(cap.list,1,1),call('HGET',M,'x') or ''
  if not string.find(complete,bit,1,true) then
    local done=tonumber(call('HGET',M,'x'..bit) or 0)
    while done<n and left>0 do
      nameRow(rowAt(done),bit)
      done,left=done+1,left-1
    end
    call('HSET',M,'x'..bit,int(done))
    if done<n then return nil end
    call('HSET',M,'x',complete..bit)
  end
  return list(X,cap.list)
end
local function countRow(w,r,cap,sign)
  local slot=dealOf(r.deal).slot[cap.unit]
  if not slot then return end
  for _,names in ipairs(scopesOf(r,cap.mask)) do
    if names==cap.names then count1(w,r.counts,amountOf(r,slot),sign) end
  end
end
local function move(w,l,cap)
  local horizon=cap.horizon
  local function at(i) if l.key==P then return rowAt(i) end return rowAt(tonumber(entry(l,i))) end
  if #falls==0 and (w.i==0 or w.low and w.low<=horizon) and (w.i==l.n or w.high and w.high>horizon) then return 0 end
  local function put(i,low,high)
    w.i=i
    w.low=#falls==0 and low and from(low) or nil
    w.high=#falls==0 and high and from(high) or nil
    w.place=high and high.place or n
  end
  if w.i<l.n then
    local last=at(l.n-1)
    if from(last)<=horizon then
      w.held,w.spent,w.count='0','0',0
      put(l.n,last,nil)
      return 0
    end
  end
  local i=w.i
  local high=i<l.n and at(i) or nil
  local low=i>0 and at(i-1) or nil
  while low and from(low)>horizon do
    if left<=0 then put(i,low,high) return 2 end
    left=left-1
    countRow(w,low,cap,1)
    i,high=i-1,low
    low=i>0 and at(i-1) or nil
  end
  while high and from(high)<=horizon do
    if left<=0 then put(i,low,high) return 1 end
    left=left-1
    countRow(w,high,cap,-1)
    i,low=i+1,high
    high=i<l.n and at(i) or nil
  end
  put(i,low,high)
  return 0
end
local function assess(cap)
  local l=listOf(cap)
  if not l then return nil,2 end
  local w=sumAt(cap.field)
  local isNew=not w
  if isNew then w={i=l.n,place=n,held='0',spent='0',count=0} end
  local before=left
  local is=move(w,l,cap)
  if w.isWrong then return nil,2 end
  if isNew and l.n>${FEW} then
    sums[cap.field],w.isDirty=w,true
    local shapes=call('HGET',M,'s') or ' '
    if not string.find(shapes,' '..cap.shape..' ',1,true) then call('HSET',M,'s',shapes..cap.shape..' ') end
  end
  if before-left>${FAR} then w.isDirty=true end
  return w,is
end
local function isFull(cap,w)
  local most=math.max(#w.held,#w.spent,#cap.added)+1 -- as many digits as three such numbers can add up to
  if cap.amount~='' and #cap.amount<=most and less(cap.amount,add(add(w.held,w.spent),cap.added)) then return true end
  return cap.count~='' and w.count+1>tonumber(cap.count)
end
`
