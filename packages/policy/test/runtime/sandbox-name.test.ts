import { describe, expect, test } from "@jest/globals"
import type { PodOrigin } from "../../src/kubernetes/pod.ts"
import { sandboxName } from "../../src/runtime/sandbox-name.ts"

function origin(fields: Partial<PodOrigin>): PodOrigin {
  return { kind: "Deployment", name: "web", nameIsGenerated: false, namespace: undefined, isIndexed: false, ...fields }
}

function fits(fields: Partial<PodOrigin>, name: string): boolean {
  const value = sandboxName(origin(fields))
  return typeof value === "string" ? value === name : new RegExp(value.pattern).test(name)
}

/** The name that Kubernetes makes of a prefix. */
function madeUp(prefix: string): string {
  return `${prefix.slice(0, 58)}bcdfg`
}

describe("sandboxName", () => {
  test("is the name itself for a pod", () => {
    expect(sandboxName(origin({ kind: "Pod", name: "web.1" }))).toBe("web.1")
  })

  test.each<[Partial<PodOrigin>, string]>([
    [{ kind: "Pod", nameIsGenerated: true, name: "web-" }, "web-bcdfg"],
    [{ kind: "Deployment" }, "web-5d4f8c7b9-x2x4z"],
    [{ kind: "ReplicaSet" }, "web-x2x4z"],
    [{ kind: "DaemonSet" }, "web-x2x4z"],
    [{ kind: "ReplicationController" }, "web-x2x4z"],
    [{ kind: "StatefulSet" }, "web-12"],
    [{ kind: "Job" }, "web-x2x4z"],
    [{ kind: "Job", isIndexed: true }, "web-0-x2x4z"],
    [{ kind: "CronJob" }, "web-29384756-x2x4z"],
    [{ kind: "CronJob", isIndexed: true }, "web-29384756-3-x2x4z"],
    [{ kind: "StatefulSet", nameIsGenerated: true, name: "web-" }, "web-bcdfg-0"],
    [{ kind: "Job", nameIsGenerated: true, name: "web-" }, "web-bcdfg-x2x4z"],
  ])("takes the names that %j leads to", (fields, name) => {
    expect(fits(fields, name)).toBe(true)
  })

  test.each<[Partial<PodOrigin>, string]>([
    [{ kind: "Deployment" }, "web-5d4f8c7b9-x2x4"],
    [{ kind: "Deployment" }, "web-5d4f8c7b9-x2x4z5"],
    [{ kind: "Deployment" }, "web-aeiou-x2x4z"],
    [{ kind: "Deployment" }, "web-5d4f8c7b9x2-x2x4z"],
    [{ kind: "Deployment" }, "evil-5d4f8c7b9-x2x4z"],
    [{ kind: "Deployment" }, "web-5d4f8c7b9-x2x4z\n"],
    [{ kind: "ReplicaSet", name: "w.b" }, "wxb-x2x4z"],
    [{ kind: "StatefulSet" }, "web-"],
    [{ kind: "StatefulSet" }, "web-12345678901"],
    [{ kind: "Job" }, "web-0-x2x4z"],
    [{ kind: "Job", isIndexed: true }, "web-x2x4z"],
  ])("takes no other name for %j: %s", (fields, name) => {
    expect(fits(fields, name)).toBe(false)
  })

  test.each([3, 46, 47, 48, 52, 56, 57, 58, 59, 63])(
    "takes whole and cut names of a name of %d characters",
    (length) => {
      const name = "a".repeat(length)

      for (const hash of ["b", "5d4f8c7b9", "5d4f8c7b9x"]) {
        expect(fits({ kind: "Deployment", name }, madeUp(`${name}-${hash}-`))).toBe(true)
        expect(fits({ kind: "Deployment", name }, `${name}-${hash}-bcdfg`)).toBe(true)
      }
      for (const kind of ["ReplicaSet", "Job"] as const) {
        expect(fits({ kind, name }, madeUp(`${name}-`))).toBe(true)
      }
      expect(fits({ kind: "CronJob", name }, madeUp(`${name}-29384756-`))).toBe(true)
      expect(fits({ kind: "Pod", nameIsGenerated: true, name }, madeUp(name))).toBe(true)
    },
  )

  test.each([3, 53, 54, 55, 56, 57, 63])("keeps the index of an indexed job whose name has %d characters", (length) => {
    const name = "a".repeat(length)

    for (const index of ["0", "12", "1234567890"]) {
      const end = `-${index}-`
      const prefix = length + end.length > 58 ? name.slice(0, 58 - end.length) : name
      expect(fits({ kind: "Job", isIndexed: true, name }, `${prefix}${end}bcdfg`)).toBe(true)
    }
  })

  test.each(["Deployment", "CronJob", "Job", "ReplicaSet"] as const)("makes a short pattern for %s", (kind) => {
    const value = sandboxName(origin({ kind, name: "a-b.c".repeat(12), isIndexed: kind === "Job" }))

    expect(typeof value === "string" ? 0 : value.pattern.length).toBeLessThan(1024)
  })
})
