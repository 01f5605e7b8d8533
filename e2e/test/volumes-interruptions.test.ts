import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals"
import { setTimeout as delay } from "node:timers/promises"
import { HEADER_BYTES } from "../volumes/forged-header.ts"
import { giveSecret, launch, mountArguments, mounted, stopped } from "../volumes/initializer.ts"
import { Lab } from "../volumes/lab.ts"
import { describeWithMachine } from "../volumes/suite.ts"

const VOLUME = { args: mountArguments("/dev/vda") }
const SECRET = "5e".repeat(64)
const BLOCK_BYTES = 4096
const HEADER_COPY_BYTES = 16 * 1024

/** Stands before each program that the Initializer calls, and kills it, or holds it up, where /tmp/stop says. */
const WRAPPER = `#!/bin/busybox sh
name=\${0##*/}
at() { [ "$(cat /tmp/stop 2>/dev/null)" = "$1" ] || return 0; rm /tmp/stop; touch /tmp/held; $action; exit 1; }
case "$(cat /tmp/action)" in kill) action="kill -9 $PPID";; hold) action="sleep 1000";; esac
at "before $name $1"
/tmp/real/$name "$@"
code=$?
at "after $name $1"
exit $code
`

describeWithMachine("making a volume", (parts) => {
  let lab: Lab

  const prepare = async () => {
    await giveSecret(lab.machine, SECRET)
    await lab.machine.run(["/bin/busybox", "sh", "-c", "cat > /tmp/wrapper; chmod +x /tmp/wrapper"], { input: WRAPPER })
    await lab.machine.script(`
      mkdir -p /usr/local/bin /tmp/real
      for name in cryptsetup mkfs.ext4 mount; do
        real=$(which $name)
        ln -sf $real /tmp/real/$name
        cp /tmp/wrapper /usr/local/bin/$name
      done`)
  }

  /** Starts the Initializer, waits until it has got to that point, and gives what it said when it was killed there. */
  const stopAt = async (point: string, action: "kill" | "hold"): Promise<string> => {
    await lab.machine.script(`rm -f /tmp/held; echo '${point}' > /tmp/stop; echo ${action} > /tmp/action`)
    const process = launch(lab.machine, VOLUME)
    const ending = process.result.then(({ stderr }) => stderr)
    while ((await lab.machine.run(["test", "-f", "/tmp/held"])).exitCode !== 0) {
      const ended = await Promise.race([ending, delay(200)])
      if (ended !== undefined && (await lab.machine.run(["test", "-f", "/tmp/held"])).exitCode !== 0) {
        throw new Error(`the Initializer ended before it got to "${point}": ${ended}`)
      }
    }
    return action === "kill" ? await ending : ""
  }

  const expectUsable = async (log: string) => {
    const sidecar = await mounted(lab.machine, VOLUME)
    await lab.machine.script("echo ours > /state/file; sync; test $(ls /state | wc -l) = 2")
    const ending = await stopped(sidecar)
    expect(ending.exitCode).toBe(0)
    expect(ending.log).toContain(log)
  }

  beforeAll(async () => {
    lab = await Lab.open(parts, [128])
    await prepare()
  })

  afterAll(() => lab.close())

  beforeEach(() => lab.disk(0).clear())

  // Each start goes on from where the one before it was killed, and gets one step further.
  test("goes on at the next start when the Initializer is killed between any two steps", async () => {
    expect(await stopAt("before cryptsetup luksFormat", "kill")).toContain("device is empty")
    for (const point of [
      "after cryptsetup luksFormat",
      "after cryptsetup luksOpen",
      "after mkfs.ext4 -b",
      "after mkfs.ext4 -q",
      "before mount --types",
    ]) {
      expect(await stopAt(point, "kill")).toContain("starting over")
    }
    expect(await stopAt("after mount --types", "kill")).toContain("volume opened")

    await expectUsable("already mounted")
  })

  test("goes on at the next start when the power fails, before and after the header is written", async () => {
    await stopAt("after mkfs.ext4 -q", "hold")
    await lab.powerOff()
    await lab.boot()
    await prepare()
    await stopAt("before mount --types", "hold")
    await lab.powerOff()
    await lab.boot()
    await prepare()

    await expectUsable("volume opened")
  })

  test("starts over from every state that the last writes can be interrupted in", async () => {
    await stopAt("before mount --types", "kill")
    const header = await lab.disk(0).read(0, HEADER_BYTES)
    await lab.disk(0).clear()
    await stopAt("before cryptsetup luksFormat", "kill")
    const mark = await lab.disk(0).read(0, BLOCK_BYTES)

    for (const written of [2 * HEADER_COPY_BYTES, HEADER_COPY_BYTES, BLOCK_BYTES]) {
      await lab.disk(0).clear()
      await lab.disk(0).write(written, header.subarray(written))
      await lab.disk(0).write(0, mark)

      expect(await stopAt("before cryptsetup luksFormat", "kill")).toContain("starting over")
    }
  })
})
