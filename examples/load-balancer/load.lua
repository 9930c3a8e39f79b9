-- For wrk: a constant load instead of as much as possible. Each connection waits between two requests. Counts statuses,
-- notes when the first and the last 5xx came, and prints all of it as words that a shell reads.
local ffi = require('ffi')
ffi.cdef([[
  typedef struct { long seconds; long microseconds; } timeval;
  int gettimeofday(timeval *now, void *zone);
]])
local time = ffi.new('timeval')

local function now()
  ffi.C.gettimeofday(time, nil)
  return tonumber(time.seconds) * 1000 + math.floor(tonumber(time.microseconds) / 1000)
end

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

-- Milliseconds that a connection waits between an answer and its next request.
function init(args)
  pause = tonumber(args[1] or 20)
  answered, failed, firstError, lastError = 0, 0, 0, 0
end

function delay()
  return pause
end

function response(status)
  answered = answered + 1
  if status < 400 then return end
  failed = failed + 1
  lastError = now()
  if firstError == 0 then firstError = lastError end
end

function done(summary)
  local thread, errors = threads[1], summary.errors
  print(string.format(
    'load: requests=%d rate=%d errors=%d broken=%d first=%d last=%d',
    thread:get('answered'),
    thread:get('answered') / (summary.duration / 1000000),
    thread:get('failed'),
    errors.connect + errors.read + errors.write + errors.timeout,
    thread:get('firstError'),
    thread:get('lastError')
  ))
end
