/** Stands between the Initializer and the programs that it calls, to stop it at a point of its work. */
import { setTimeout as delay } from "node:timers/promises"
import { launch, type Start } from "./initializer.ts"
import type { GuestProcess, Machine } from "./machine.ts"

const POLL_MS = 200

/**
 * What happens at the point: the Initializer is killed, is held up until the power goes, or is told to stop and goes
 * on; or it is killed together with the program so many seconds after that program began.
 */
export type Action = "kill" | "hold" | "terminate" | { readonly killAfterSeconds: number }

/** Stands before each program and looks for its point in /tmp/point. What it sees of the program's start goes to /tmp/starts. */
const WRAPPER = `#!/bin/busybox sh
name=\${0##*/}
tr '\\0' '\\n' < /proc/$$/cmdline >> /tmp/starts
tr '\\0' '\\n' < /proc/$$/environ >> /tmp/starts
at() {
  [ "$(cat /tmp/point 2>/dev/null)" = "$1" ] || return 0
  rm /tmp/point
  touch /tmp/reached
  case "$(cat /tmp/action)" in
    kill) kill -9 $PPID; exit 1;;
    hold) sleep 1000; exit 1;;
    terminate) kill -TERM $PPID;;
  esac
}
at "before $name $1"
if [ "$(cat /tmp/point 2>/dev/null)" = "inside $name $1" ]; then
  rm /tmp/point
  exec 3<&0 # a shell gives its background nothing to read
  /tmp/real/$name "$@" <&3 &
  sleep $(cat /tmp/action)
  kill -0 $! && touch /tmp/reached
  kill -9 $PPID $!
  exit 1
fi
/tmp/real/$name "$@"
code=$?
at "after $name $1"
exit $code
`

/** Puts the wrapper before programs of the machine. */
export async function intercept(machine: Machine, programs: readonly string[]): Promise<void> {
  await machine.run(["/bin/busybox", "sh", "-c", "cat > /tmp/wrapper; chmod +x /tmp/wrapper"], { input: WRAPPER })
  await machine.script(`
    mkdir -p /usr/local/bin /tmp/real
    for name in ${programs.join(" ")}; do
      real=$(which $name)
      ln -sf $real /tmp/real/$name
      cp /tmp/wrapper /usr/local/bin/$name
    done`)
}

/** Takes the wrappers away again. */
export async function release(machine: Machine): Promise<void> {
  await machine.script("rm -rf /usr/local/bin/* /tmp/real /tmp/starts /tmp/point /tmp/reached")
}

/** Starts the Initializer and waits until it has got to a point, for example `after cryptsetup luksOpen`. */
export async function startUntil(
  machine: Machine,
  { start, point, action }: { readonly start: Start; readonly point: string; readonly action: Action },
): Promise<GuestProcess> {
  const detail = typeof action === "string" ? action : String(action.killAfterSeconds)
  await machine.script(`rm -f /tmp/reached; echo '${point}' > /tmp/point; echo ${detail} > /tmp/action`)
  const process = launch(machine, start)
  const isReached = async () => (await machine.run(["test", "-f", "/tmp/reached"])).exitCode === 0
  while (!(await isReached())) {
    const ended = await Promise.race([process.result, delay(POLL_MS)])
    if (ended !== undefined && !(await isReached())) {
      throw new Error(`the Initializer ended before it got to "${point}": ${ended.stderr}`)
    }
  }
  return process
}

/** Has the Initializer killed at a point, and gives what it had said until then. */
export async function killAt(machine: Machine, start: Start, point: string, action: Action = "kill"): Promise<string> {
  const { result } = await startUntil(machine, { start, point, action })
  return (await result).stderr
}
