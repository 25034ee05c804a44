"""The scripts that count in Redis. Each runs as one step, by Redis's own clock.

They do what ``counts`` does in memory, on these keys of a quota: for requests its window; for
tokens its window, the requests in flight and what is set aside for each; else the requests in
flight. A window is a hash of lapse (in microseconds) to count, and has few fields, as a quota has
few grains. Requests in flight are sorted by when their lease lapses unless it is renewed.
"""

from __future__ import annotations

from typing import Final

__all__ = ["RENEW", "SETTLE", "TAKE"]

_COMMON: Final = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])

-- Numbers as Redis takes them: Lua itself writes no more than 14 digits.
local function text(number)
  return string.format('%.0f', number)
end

local function keep(key, microseconds)
  redis.call('PEXPIRE', key, text(math.ceil(microseconds / 1000) + 1000))
end

local function lapse_of(quota, at)
  if quota.grain > 0 then
    at = (math.floor(at / quota.grain) + 1) * quota.grain
  end
  return at + quota.length
end

local function add(quota, at, count)
  local lapse = lapse_of(quota, at)
  if count > 0 and lapse > now then
    redis.call('HINCRBY', quota.window, text(lapse), text(count))
    keep(quota.window, quota.horizon)
  end
end

local function unset(quota, id)
  local aside = redis.call('HGET', quota.asides, id)
  if aside then
    redis.call('HDEL', quota.asides, id)
    redis.call('HINCRBY', quota.asides, 'sum', text(0 - tonumber(aside)))
  end
  redis.call('ZREM', quota.flights, id)
end

-- The quotas of a call: their keys in KEYS, five arguments each in ARGV.
local function quotas_from(argument)
  local found, key = {}, 1
  while argument <= #ARGV do
    local quota = {
      kind = ARGV[argument],
      amount = tonumber(ARGV[argument + 1]),
      length = tonumber(ARGV[argument + 2]),
      grain = tonumber(ARGV[argument + 3]),
      horizon = tonumber(ARGV[argument + 4]),
    }
    if quota.kind ~= 'concurrent' then
      quota.window = KEYS[key]
      key = key + 1
    end
    if quota.kind ~= 'requests' then
      quota.flights = KEYS[key]
      key = key + 1
    end
    if quota.kind == 'tokens' then
      quota.asides = KEYS[key]
      key = key + 1
    end
    found[#found + 1] = quota
    argument = argument + 5
  end
  return found
end
"""

TAKE: Final = (
    _COMMON
    + """
local id, likely, most, life = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local NEVER, BUSY = -1, 1000000

-- What counts in a window still, with the sum and the last lapse of it.
local function read(quota)
  local raw = redis.call('HGETALL', quota.window)
  local entries, total, last = {}, 0, now
  for index = 1, #raw, 2 do
    local lapse, count = tonumber(raw[index]), tonumber(raw[index + 1])
    if lapse <= now then
      redis.call('HDEL', quota.window, raw[index])
    else
      if lapse > now + quota.horizon then
        -- The clock was set back since: it counts from now on, not until then.
        lapse = now + quota.horizon
        redis.call('HINCRBY', quota.window, text(lapse), text(count))
        redis.call('HDEL', quota.window, raw[index])
      end
      entries[#entries + 1] = {lapse, count}
      total = total + count
      last = math.max(last, lapse)
    end
  end
  return entries, total, last
end

-- Requests whose gateway is gone: what was set aside for them counts as used.
local function reap(quota)
  local gone = redis.call('ZRANGEBYSCORE', quota.flights, '-inf', text(now), 'WITHSCORES',
    'LIMIT', 0, 100)
  for index = 1, #gone, 2 do
    if quota.kind == 'tokens' then
      local aside = redis.call('HGET', quota.asides, gone[index])
      add(quota, tonumber(gone[index + 1]), tonumber(aside or '0'))
      unset(quota, gone[index])
    else
      redis.call('ZREM', quota.flights, gone[index])
    end
  end
end

local function wait_for(entries, excess)
  table.sort(entries, function(one, other) return one[1] < other[1] end)
  for _, entry in ipairs(entries) do
    excess = excess - entry[2]
    if excess <= 0 then
      return entry[1] - now
    end
  end
end

local function look_at_requests(quota)
  local entries, total, last = read(quota)
  quota.used, quota.reset, quota.wait = total, last - now, 0
  if quota.amount < 1 then
    quota.wait = NEVER
  elseif total + 1 > quota.amount then
    quota.wait = wait_for(entries, total + 1 - quota.amount)
  end
end

local function look_at_tokens(quota)
  reap(quota)
  local entries, total, last = read(quota)
  local aside, reset = 0, last - now
  if redis.call('EXISTS', quota.flights) == 1 then
    aside, reset = tonumber(redis.call('HGET', quota.asides, 'sum') or '0'), quota.horizon
  else
    redis.call('DEL', quota.asides)
  end
  local excess = total + aside + likely - quota.amount
  quota.used, quota.reset, quota.wait = total + aside, reset, 0
  if excess > 0 then
    if likely > quota.amount then
      quota.wait = NEVER
    elseif excess > total then
      quota.wait = BUSY
    else
      quota.wait = wait_for(entries, excess)
    end
  end
end

local function look_at_flights(quota)
  reap(quota)
  quota.used, quota.reset, quota.wait = redis.call('ZCARD', quota.flights), 0, 0
  if quota.amount < 1 then
    quota.wait = NEVER
  elseif quota.used >= quota.amount then
    quota.wait = BUSY
  end
end

local look = {requests = look_at_requests, tokens = look_at_tokens, concurrent = look_at_flights}

local function take(quota)
  if quota.kind == 'requests' then
    add(quota, now, 1)
    quota.used, quota.reset = quota.used + 1, math.max(quota.reset, lapse_of(quota, now) - now)
    return
  end
  redis.call('ZADD', quota.flights, text(now + life), id)
  keep(quota.flights, life + quota.horizon)
  if quota.kind == 'tokens' then
    redis.call('HSET', quota.asides, id, text(most))
    redis.call('HINCRBY', quota.asides, 'sum', text(most))
    keep(quota.asides, life + quota.horizon)
    quota.used, quota.reset = quota.used + most, quota.horizon
  else
    quota.used = quota.used + 1
  end
end

local quotas = quotas_from(5)
local fits = true
for _, quota in ipairs(quotas) do
  look[quota.kind](quota)
  fits = fits and quota.wait == 0
end
local answer = {}
for _, quota in ipairs(quotas) do
  if fits then
    take(quota)
  end
  for _, number in ipairs({quota.used, quota.reset, quota.wait}) do
    answer[#answer + 1] = text(number)
  end
end
return answer
"""
)
"""ARGV: lease, likely tokens, most tokens, life of the lease, quotas. Returns used, reset and wait
of each quota; the request is taken when no wait is other than 0."""

SETTLE: Final = (
    _COMMON
    + """
local id, tokens, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
for _, quota in ipairs(quotas_from(4)) do
  if quota.kind == 'tokens' then
    add(quota, now, tokens < 0 and most or tokens)
    unset(quota, id)
  elseif quota.kind == 'concurrent' then
    redis.call('ZREM', quota.flights, id)
  end
end
"""
)
"""ARGV: lease, tokens used (-1: what was set aside), tokens set aside, quotas."""

RENEW: Final = (
    _COMMON
    + """
-- One that has lapsed is not brought back: what was set aside for it has been counted.
local life = tonumber(ARGV[1])
for index, key in ipairs(KEYS) do
  local id, horizon = ARGV[2 * index], tonumber(ARGV[2 * index + 1])
  if redis.call('TYPE', key).ok == 'zset' then
    redis.call('ZADD', key, 'XX', text(now + life), id)
  end
  keep(key, life + horizon)
end
"""
)
"""ARGV: life of a lease, then lease and horizon for each key in KEYS."""
