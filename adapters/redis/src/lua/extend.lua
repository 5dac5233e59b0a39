-- ARGV: lease in ms, then id and token of every lease. Answers 1 or 0 for each.
local time, lease, held = now(), tonumber(ARGV[2]), {}
for i = 3, #ARGV, 2 do
  local task = redis.call('HMGET', base .. 'task:' .. ARGV[i], 'entry', 'token')
  local until_ = task[1] and tonumber(redis.call('ZSCORE', leases, task[1]) or 0) or 0
  if task[2] == ARGV[i + 1] and until_ > time then
    of_group('XCLAIM', stream, group, 'worker', 0, task[1], 'JUSTID')
    redis.call('ZADD', leases, time + lease, task[1])
    table.insert(held, 1)
  else
    table.insert(held, 0)
  end
end
return held
