-- Answers how many tasks there are, how many of them are held, how many dead letters.
local held = redis.call('ZCOUNT', leases, '(' .. now(), '+inf')
return { redis.call('XLEN', stream) + redis.call('ZCARD', waiting), held, redis.call('LLEN', dead) }
