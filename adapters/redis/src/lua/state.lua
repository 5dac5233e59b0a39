-- ARGV: id. Answers the outcome, or 0 for an unknown task, 1 for one that waits, 2 for one that is held.
local outcome = redis.call('GET', base .. 'result:' .. ARGV[2])
if outcome then return outcome end
local entry = redis.call('HGET', base .. 'task:' .. ARGV[2], 'entry')
if not entry then return 0 end
return tonumber(redis.call('ZSCORE', leases, entry) or 0) > now() and 2 or 1
