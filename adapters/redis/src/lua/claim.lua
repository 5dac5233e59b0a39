-- ARGV: most, lease in ms, token, most deliveries, keep in ms, most dead letters, the bytes after which it is enough, what
-- the tasks may cost together unless it is one alone.
-- Answers the ms until the next lease ends (-1: none), then for each task its id, its delivery, its photo, its trace.
local most, lease, token = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local most_deliveries, keep, most_dead = tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7])
local enough, most_cost = tonumber(ARGV[8]), tonumber(ARGV[9])
local time = now()
local claims, bytes, cost = {}, 0, 0

local function hand_out(entry, id, deliveries, photo)
  local trace = redis.call('HGET', base .. 'task:' .. id, 'trace') or ''
  redis.call('HSET', base .. 'task:' .. id, 'deliveries', deliveries, 'token', token, 'entry', entry)
  redis.call('ZADD', leases, time + lease, entry)
  table.insert(claims, { id, deliveries, photo, trace })
  bytes = bytes + #photo
  tell(id .. ' started')
end

-- One entry that workers may have: handed out, or ended where that is no longer possible.
local function take(entry, id)
  local deliveries = redis.call('HGET', base .. 'task:' .. id, 'deliveries')
  local photo = redis.call('GET', base .. 'photo:' .. id)
  if not deliveries or not photo then
    local reason = 'the photo was lost from the queue; send it again'
    bury(entry, id, deliveries or 0, reason, reason, keep, most_dead)
  elseif tonumber(deliveries) >= most_deliveries then
    local reason = 'the worker that held the photo did not answer'
    bury(entry, id, deliveries, reason, tried(deliveries, reason), keep, most_dead)
  else
    hand_out(entry, id, deliveries + 1, photo)
  end
end

-- An entry of the pending list, of which nothing but its number is known.
local function take_again(entry)
  local found = of_group('XCLAIM', stream, group, 'worker', 0, entry)[1]
  if found and found[2] then
    take(entry, found[2][2])
  else
    redis.call('XACK', stream, group, entry)
    redis.call('ZREM', leases, entry)
  end
end

-- Those that wait become entries of the stream in the order of their start: the next one, unless it costs too much.
local function start_next()
  local next_ = redis.call('ZRANGE', waiting, 0, 0, 'WITHSCORES')
  local id, start = next_[1], next_[2]
  if not id then return true end
  cost = cost + tonumber(redis.call('HGET', base .. 'task:' .. id, 'cost') or 1)
  if #claims > 0 and cost > most_cost then return false end
  redis.call('ZREM', waiting, id)
  if redis.call('ZCARD', waiting) == 0 then
    redis.call('DEL', flows)
  else
    redis.call('HSET', flows, 'now', start)
  end
  redis.call('XADD', stream, '*', 'id', id)
  return true
end

local function read_new()
  return start_next() and of_group('XREADGROUP', 'GROUP', group, 'worker', 'COUNT', 1, 'STREAMS', stream, '>')
end

-- First what was held too long or given back: alone, for it may be what took its worker down.
for _ = 1, 100 do
  local due = redis.call('ZRANGEBYSCORE', leases, '-inf', time, 'LIMIT', 0, 1)[1]
  if #claims > 0 or not due then break end
  take_again(due)
end

-- Then what is new.
if #claims == 0 then
  local read = read_new()
  while read do
    local entry = read[1][2][1]
    take(entry[1], entry[2][2])
    read = #claims < most and bytes < enough and read_new()
  end
end

-- Idle: a stretch of the pending list is searched for entries that no lease knows, which only a key lost by Redis
-- (evicted, deleted by hand) leaves behind. They are handed out next time.
if #claims == 0 then
  local cursor = redis.call('HGET', meta, 'sweep') or '0-0'
  local swept = of_group('XAUTOCLAIM', stream, group, 'worker', lease * 2, cursor, 'COUNT', 10, 'JUSTID')
  for _, entry in ipairs(swept[2]) do
    redis.call('ZADD', leases, 'NX', 0, entry)
  end
  if swept[1] == '0-0' then
    if cursor ~= '0-0' then redis.call('HDEL', meta, 'sweep') end
  else
    redis.call('HSET', meta, 'sweep', swept[1])
  end
end

local next_end = redis.call('ZRANGE', leases, 0, 0, 'WITHSCORES')[2]
return { next_end and math.max(0, next_end - time) or -1, claims }
