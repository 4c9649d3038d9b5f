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
