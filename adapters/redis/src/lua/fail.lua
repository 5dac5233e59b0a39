-- ARGV: id, token, reason, most deliveries, keep in ms, most dead letters.
-- Answers 1 when the task comes again, 2 when it is a dead letter, 0 when the lease is stale.
local id, token, reason = ARGV[2], ARGV[3], ARGV[4]
local task = redis.call('HMGET', base .. 'task:' .. id, 'entry', 'token', 'deliveries')
local entry, deliveries = task[1], task[3]
if not entry or task[2] ~= token then return 0 end
if tonumber(redis.call('ZSCORE', leases, entry) or 0) <= now() then return 0 end
if tonumber(deliveries) >= tonumber(ARGV[5]) then
  bury(entry, id, deliveries, reason, tried(deliveries, reason), ARGV[6], tonumber(ARGV[7]))
  return 2
end
redis.call('HDEL', base .. 'task:' .. id, 'token')
redis.call('ZADD', leases, 0, entry)
ring()
return 1
