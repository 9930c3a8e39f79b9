/**
 * The shell script that starts a container's program so that it cannot outlive the engine, not even one that is
 * killed with SIGKILL. A watcher beside the program reads from the lifeline, a pipe from the engine at descriptor 3,
 * and ends all that the program has started as soon as the pipe ends.
 */

/** The shell's own environment: nothing of the container's can disturb the watcher. */
export const lifelineEnvironment = (marker: string) => ({ PATH: '/usr/bin:/bin', DRYDOCK_TASK: marker })

/**
 * `sh -c LIFELINE sh FOLDER NAME=VALUE… PROGRAM ARGS…`, in a process group of its own.
 *
 * - The shell becomes the program by `exec`, so that process id, signals and exit code are the program's own. `env`
 *   sets its environment, because a shell forgets variables that it could not name, such as `spring.profiles`.
 * - The watcher is not the program's child (two subshells), so that a program that waits for its children does not
 *   wait for it.
 * - It first kills what carries the marker, which includes processes that have left the group (setsid), again until
 *   nothing new is found, then the group, which includes the watcher. Only Linux has /proc; elsewhere it is the group.
 * - A line on the lifeline means that the engine is alive and removes files itself; the end without one means that
 *   nobody else will. FOLDER holds the files of all tasks, so each watcher removes those of all: others may have been
 *   copied for programs that were never started.
 */
export const LIFELINE = `
( (
  trap '' HUP INT QUIT TERM USR1 USR2 ALRM PIPE
  read self rest </proc/self/stat
  read line <&3 || abandoned=1
  kill -KILL $$
  tries=0
  while [ $tries -lt 100 ]; do
    tries=$((tries + 1)) found=
    for file in $(grep -lF "DRYDOCK_TASK=$DRYDOCK_TASK" /proc/[0-9]*/environ); do
      pid=\${file#/proc/} pid=\${pid%/environ}
      [ "$pid" = "$self" ] || { kill -KILL "$pid" && found=1; }
    done
    [ "$found" ] || break
  done
  [ "$abandoned" ] && rm -rf "$1"
  kill -KILL 0
) </dev/null >/dev/null 2>&1 & )
shift
exec 3<&-
exec env -i -- "$@"
`
