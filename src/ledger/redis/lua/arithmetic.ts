/**
 * Arithmetic on whole numbers of any size, in Lua, whose numbers are doubles: texts of decimal digits, in groups of 14. A sum of two groups
 * is exact in a double. Short ones, which are nearly all, take one step.
 *
 * `sub` returns nothing where the result would be negative: then a sum isn't what its rows say, and it is built anew.
 */
export const ARITHMETIC = `
local fmt=string.format
local function int(x) return fmt('%.0f',x) end
local function groups(s)
  local t,e={},#s
  while e>0 do
    local b=math.max(e-13,1)
    t[#t+1]=tonumber(string.sub(s,b,e))
    e=b-1
  end
  return t
end
local function digits(t)
  local i=#t
  while i>1 and t[i]==0 do i=i-1 end
  local s={int(t[i])}
  for j=i-1,1,-1 do s[#s+1]=fmt('%014.0f',t[j]) end
  return table.concat(s)
end
local function add(a,b)
  if #a<16 and #b<16 then return int(a+b) end
  local x,y,carry=groups(a),groups(b),0
  for i=1,math.max(#x,#y) do
    local v=(x[i] or 0)+(y[i] or 0)+carry
    carry=v>=1e14 and 1 or 0
    x[i]=v-carry*1e14
  end
  if carry>0 then x[#x+1]=carry end
  return digits(x)
end
local function less(a,b)
  if #a~=#b then return #a<#b end
  return a<b
end
local function sub(a,b)
  if less(a,b) then return nil end
  if #a<16 then return int(a-b) end
  local x,y,borrow=groups(a),groups(b),0
  for i=1,#x do
    local v=x[i]-(y[i] or 0)-borrow
    borrow=v<0 and 1 or 0
    x[i]=v+borrow*1e14
  end
  return digits(x)
end
`
