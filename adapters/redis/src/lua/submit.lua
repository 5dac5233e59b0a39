-- ARGV: id, photo, capacity, capacity in bytes. Answers 1 when the photo is taken in, 0 when there is no room.
local id, photo, capacity, capacity_bytes = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
if redis.call('EXISTS', base .. 'task:' .. id, base .. 'result:' .. id) > 0 then
  return 1 -- asked again, because the first answer was lost on its way
end
local bytes = tonumber(redis.call('HGET', meta, 'bytes') or 0)
if redis.call('XLEN', stream) >= capacity or bytes + #photo > capacity_bytes then
  return 0
end
redis.call('SET', base .. 'photo:' .. id, photo)
local entry = redis.call('XADD', stream, '*', 'id', id)
redis.call('HSET', base .. 'task:' .. id, 'entry', entry, 'size', #photo, 'deliveries', 0)
redis.call('HINCRBY', meta, 'bytes', #photo)
ring()
return 1
