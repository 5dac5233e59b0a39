-- ARGV: id, photo, capacity, capacity in bytes, client (empty for none), cost, a client's capacity, that in bytes, the
-- trace (empty for none).
-- Answers 1 when the photo is taken in, 0 when there is no room, 2 when there is none for this client.
local id, photo, capacity, capacity_bytes = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local client, cost = ARGV[6], tonumber(ARGV[7])
if redis.call('EXISTS', base .. 'task:' .. id, base .. 'result:' .. id) > 0 then
  return 1 -- asked again, because the first answer was lost on its way
end
local bytes = tonumber(redis.call('HGET', meta, 'bytes') or 0)
local tasks = redis.call('XLEN', stream) + redis.call('ZCARD', waiting)
if tasks >= capacity or bytes + #photo > capacity_bytes then
  return 0
end
if client ~= '' then
  local load = redis.call('HMGET', clients, 'tasks:' .. client, 'bytes:' .. client)
  if tonumber(load[1] or 0) >= tonumber(ARGV[8]) or tonumber(load[2] or 0) + #photo > tonumber(ARGV[9]) then
    return 2
  end
end
redis.call('SET', base .. 'photo:' .. id, photo)
redis.call('HSET', base .. 'task:' .. id, 'size', #photo, 'deliveries', 0, 'client', client, 'cost', cost,
  'trace', ARGV[10] or '')
redis.call('HINCRBY', meta, 'bytes', #photo)
if client ~= '' then
  redis.call('HINCRBY', clients, 'tasks:' .. client, 1)
  redis.call('HINCRBY', clients, 'bytes:' .. client, #photo)
end
-- Start-time fair queueing: a client's task starts, in virtual time, when those before it are served, or now.
local times = redis.call('HMGET', flows, 'now', 'until:' .. client)
local start = math.max(tonumber(times[1] or 0), tonumber(times[2] or 0))
redis.call('ZADD', waiting, start, id)
if redis.call('HLEN', flows) > 10000 then
  redis.call('DEL', flows)
  redis.call('HSET', flows, 'now', times[1] or 0)
end
redis.call('HSET', flows, 'until:' .. client, start + cost)
ring()
return 1
