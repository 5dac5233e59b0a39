-- ARGV: id. Answers the outcome, or 0 for an unknown task, 1 for one that waits, 2 for one that is held.
local outcome = redis.call('GET', base .. 'result:' .. ARGV[2])
if outcome then return outcome end
if redis.call('EXISTS', base .. 'task:' .. ARGV[2]) == 0 then return 0 end
local entry = redis.call('HGET', base .. 'task:' .. ARGV[2], 'entry')
return entry and tonumber(redis.call('ZSCORE', leases, entry) or 0) > now() and 2 or 1
