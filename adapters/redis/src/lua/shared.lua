-- What every script begins with. All keys share one hash tag, so the keys of a task may be computed here.
-- KEYS: the stream, the leases, the meta hash, the dead letters. ARGV[1]: what the keys of the tasks begin with.
--
-- Redis over its memory limit refuses a script's first write when it could take memory, and only the first: a script
-- that takes a photo in begins with such a write and is refused whole; all others begin with one that takes none.
local stream, leases, meta, dead, base = KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1]
local group = 'workers'
local waiting, flows, clients = base .. 'waiting', base .. 'flows', base .. 'clients'

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Rings may fail (a user who may not use the channels): those who wait look for themselves now and then.
-- The id alone says that the task has ended, with ' started' that a worker has it.
local function tell(message)
  redis.pcall('PUBLISH', base .. 'news', message)
end

local function ring()
  redis.pcall('PUBLISH', base .. 'work', '')
end

-- Runs a command that needs the consumer group, which is made when it is first missed.
local function of_group(...)
  local answer = redis.pcall(...)
  if type(answer) == 'table' and answer.err and string.find(answer.err, 'NOGROUP', 1, true) then
    redis.call('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM')
    answer = redis.pcall(...)
  end
  if type(answer) == 'table' and answer.err then error(answer.err, 0) end
  return answer
end

-- Ends a task: its photo goes, its outcome stands for `keep` milliseconds, its entry (none while it waits) is
-- acknowledged and deleted.
local function finish(entry, id, outcome, keep)
  local size = redis.call('STRLEN', base .. 'photo:' .. id)
  local task = redis.call('HMGET', base .. 'task:' .. id, 'size', 'client')
  local written, client = tonumber(task[1] or size), task[2]
  redis.call('DEL', base .. 'photo:' .. id, base .. 'task:' .. id)
  redis.call('ZREM', waiting, id)
  if entry then
    redis.call('XACK', stream, group, entry)
    redis.call('XDEL', stream, entry)
    redis.call('ZREM', leases, entry)
  end
  local left = redis.call('ZCARD', waiting)
  if left == 0 then redis.call('DEL', flows) end
  if left + redis.call('XLEN', stream) == 0 then
    redis.call('HDEL', meta, 'bytes')
    redis.call('DEL', clients)
  else
    redis.call('HINCRBY', meta, 'bytes', -written)
    if client and client ~= '' then
      if redis.call('HINCRBY', clients, 'tasks:' .. client, -1) > 0 then
        redis.call('HINCRBY', clients, 'bytes:' .. client, -written)
      else
        redis.call('HDEL', clients, 'tasks:' .. client, 'bytes:' .. client)
      end
    end
  end
  redis.call('SET', base .. 'result:' .. id, outcome, 'PX', keep)
  tell(id)
end

-- Ends a task that cannot be done, and keeps a note of it.
local function bury(entry, id, deliveries, reason, message, keep, most)
  finish(entry, id, '1F' .. message, keep)
  if most > 0 then
    redis.call('LPUSH', dead, deliveries .. ' ' .. id .. ' ' .. reason)
    redis.call('LTRIM', dead, 0, most - 1)
  end
end

local function tried(deliveries, reason)
  return 'the photo could not be classified in ' .. deliveries .. ' tries: ' .. reason
end

