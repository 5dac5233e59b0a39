-- ARGV: id, outcome, keep in ms. Answers 1 for the first outcome, 2 for a later one, 0 for an unknown task.
local id = ARGV[2]
if redis.call('EXISTS', base .. 'result:' .. id) == 1 then return 2 end
if redis.call('EXISTS', base .. 'task:' .. id) == 0 then return 0 end
finish(redis.call('HGET', base .. 'task:' .. id, 'entry'), id, ARGV[3], ARGV[4])
return 1
