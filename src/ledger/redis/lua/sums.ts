/** Most rows that one step looks at: 200 of them take about 2 ms. */
const MAX_LOOKS = 200

/** Of how many rows a sum isn't kept, since adding them up is as fast: so a resource that was paid once costs no room. */
const FEW = 8

/** How far a sum may have moved in a step that writes nothing else, before that is written: a read writes nothing. */
const FAR = 50

/**
 * Running sums: for each unit and scope that was ever asked for, a field with one sum for each length of time. A sum counts the rows of its scope from one on, by where
 * that is in the list of the scope and by its place; so a new row is always counted, and one that is written is counted if its place isn't
 * before it. Letting rows age, taking rows back where the clock went back, and building a sum that was never asked for are one thing: the
 * beginning is moved by some rows, until it is where it should be. A scope with a host, a recipient, a tag or a resource walks along the list of that name;
 * the lists of one kind of name are made for all names at once, when the first of that kind is asked for.
 *
 * `assess` returns the sum of a cap and what it is: 0 exact, 1 too much (rows are still to be let go), 2 too little (it is being built).
 */
export const SUMS = `
local left=${MAX_LOOKS}
local falls={}
local newestFrom
local function from(r)
  local s=r.at
  for _,f in ipairs(falls) do
    if f[4]<0 then
      if r.place<f[1] then s=math.min(s,f[3]) end
    elseif r.place>=f[1] and r.place<f[4] then s=s+f[2]-f[3] end
  end
  return s
end
local function hasAll(r,scope)
  for bit,name in pairs(scope) do
    local has=false
    for _,one in ipairs(namesOf(r,bit)) do if one==name then has=true end end
    if not has then return false end
  end
  return true
end
local function scopeOf(cap)
  local scope,mask,names={},0,''
  for _,d in ipairs({{1,'host'},{2,'resource'},{4,'payTo'},{8,'tag'}}) do
    local name=cap[d[2]]
    if name then
      scope[d[1]]=name
      mask=mask+d[1]
      names=names..scope[d[1]]
    end
  end
  return scope,mask,cap.unit..'|'..mask..'|'..names
end
local function nameRow(r,bit)
  for _,name in ipairs(namesOf(r,bit)) do push(list(X,bit..name),int(r.place)) end
end
local function listOf(scope)
  for _,bit in ipairs({2,8,4,1}) do
    if scope[bit] then
      local done=built[bit] or 0
      local before=done
      while done<n and left>0 do
        nameRow(rowAt(done),bit)
        done,left=done+1,left-1
      end
      if done~=before or not built[bit] then call('HSET',M,'x'..bit,int(done)) end
      built[bit]=done
      return done==n and list(X,bit..scope[bit])
    end
  end
  return list(P,'n')
end
local fields={}
local function parseSums(s)
  local sums={}
  for key,i,place,low,high,held,spent,count in string.gmatch(s,'(%S+) (%d+) (%d+) (%S+) (%S+) (%d+) (%d+) (%d+);') do
    sums[key]={i=tonumber(i),place=tonumber(place),low=tonumber(low),high=tonumber(high),held=held,spent=spent,count=tonumber(count)}
  end
  return sums
end
local function sumsOf(field)
  if not fields[field] then fields[field]={sums=parseSums(call('HGET',W,field) or '')} end
  return fields[field]
end
local function flush()
  for field,f in pairs(fields) do
    if f.isDirty then
      local s={}
      for key,w in pairs(f.sums) do
        if not w.isWrong then
          s[#s+1]=key..' '..int(w.i)..' '..int(w.place)..' '..(w.low and int(w.low) or '-')..' '..(w.high and int(w.high) or '-')..' '..w.held..' '..w.spent..' '..int(w.count)..';'
        end
      end
      call('HSET',W,field,table.concat(s))
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
local function countRow(w,r,cap,scope,sign)
  local slot=dealOf(r.deal).slot[cap.unit]
  if slot and hasAll(r,scope) then count1(w,r.counts,r.amounts[slot],sign) end
end
local function move(w,l,horizon,cap,scope)
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
    countRow(w,low,cap,scope,1)
    i,high=i-1,low
    low=i>0 and at(i-1) or nil
  end
  while high and from(high)<=horizon do
    if left<=0 then put(i,low,high) return 1 end
    left=left-1
    countRow(w,high,cap,scope,-1)
    i,low=i+1,high
    high=i<l.n and at(i) or nil
  end
  put(i,low,high)
  return 0
end
local function horizonOf(window)
  if not window then return -1e15,'*' end
  if window.seconds then return now-window.seconds,int(window.seconds) end
  local start
  local starts=window.starts
  if now>=starts[#starts] then return nil end
  for _,s in ipairs(starts) do if s<=now then start=s end end
  return start and start-1,'z'..window.zone
end
local function assess(cap)
  local scope,mask,field=scopeOf(cap)
  local l=listOf(scope)
  if not l then return nil,2 end
  local horizon,key=horizonOf(cap.window)
  local f=sumsOf(field)
  local w=f.sums[key]
  local isNew=not w
  if isNew then w={i=l.n,place=n,held='0',spent='0',count=0} end
  local before=left
  local is=move(w,l,horizon,cap,scope)
  if w.isWrong then f.isDirty=true return nil,2 end
  if isNew and l.n>${FEW} then 
    f.sums[key],f.isDirty=w,true
    local masks=call('HGET',M,'s'..cap.unit) or ''
    if not string.find(masks,' '..mask..' ',1,true) then call('HSET',M,'s'..cap.unit,masks..' '..mask..' ') end
  end
  if before-left>${FAR} then f.isDirty=true end
  return w,is
end
local function isFull(cap,w)
  if cap.amount and less(cap.amount,add(add(w.held,w.spent),cap.added)) then return true end
  return cap.count and w.count+1>cap.count
end
local function eachSum(r,units,visit)
  for _,unit in ipairs(units) do
    for mask in string.gmatch(call('HGET',M,'s'..unit) or '','%d+') do
      mask=tonumber(mask)
      local names={''}
      for _,bit in ipairs({1,2,4,8}) do
        if math.floor(mask/bit)%2==1 then
          local longer={}
          for _,name in ipairs(namesOf(r,bit)) do for _,start in ipairs(names) do longer[#longer+1]=start..name end end
          names=longer
        end
      end
      for _,name in ipairs(names) do
        local f=sumsOf(unit..'|'..mask..'|'..name)
        for _,w in pairs(f.sums) do
          if r.place>=w.place then
            f.isDirty=true
            visit(w,unit)
          end
        end
      end
    end
  end
end
local function recount(r,before,units)
  if before and before.counts==r.counts and before.sums==r.sums and before.deal==r.deal then return end
  local old,new=before and dealOf(before.deal).slot or {},dealOf(r.deal).slot
  eachSum(r,units,function(w,unit)
    if old[unit] then count1(w,before.counts,before.amounts[old[unit]],-1) end
    if new[unit] then count1(w,r.counts,r.amounts[new[unit]],1) end
  end)
end
`
