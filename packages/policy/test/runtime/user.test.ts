import { describe, expect, test } from "@jest/globals"
import type { ImageFacts } from "../../src/index.ts"
import { messageOf } from "../code-of.ts"
import { FACTS, containerOf, podYaml, policyOf } from "../policy-of.ts"

const FILES = {
  passwd:
    "# comment\nroot:x:0:0:root:/root:/bin/sh\nbroken:x:y:1:::\nshort:x:5:5\napp:x:1000:1001:App:/:/bin/sh\nother:x:1000:7:::\n",
  group: "root:x:0:\napp:x:1001:app\ndocker:x:50:other,app\nodd:x:y:app\n",
}

function userOf(container: string, pod: string, image: Partial<ImageFacts>): unknown {
  return containerOf(container, pod, { imageFacts: () => ({ ...FACTS, ...image }) }).process.user
}

describe("the user of a container", () => {
  test.each<[string, string, Partial<ImageFacts>, unknown]>([
    ["", "", {}, { uid: 0, gid: 0, groups: [0] }],
    ["", "", { passwd: "root:x:0:0:root:/root:/bin/sh\n" }, { uid: 0, gid: 0, groups: [0] }],
    ["", "", { user: "1000" }, { uid: 1000, gid: 0, groups: [0] }],
    ["", "", { user: "1000:1000" }, { uid: 1000, gid: 0, groups: [0] }],
    ["{runAsUser: 5}", "", { user: "1000" }, { uid: 5, gid: 0, groups: [0] }],
    ["{runAsUser: 5, runAsGroup: 6}", "", {}, { uid: 5, gid: 6, groups: [6] }],
    ["{runAsGroup: 6}", "", {}, { uid: 0, gid: 6, groups: [6] }],
    ["", "{runAsUser: 5, runAsGroup: 6}", {}, { uid: 5, gid: 6, groups: [6] }],
    ["{runAsUser: 0}", "{runAsUser: 5, runAsGroup: 6}", {}, { uid: 0, gid: 6, groups: [6] }],
    ["", "{runAsUser: 5, fsGroup: 9, supplementalGroups: [8, 9]}", {}, { uid: 5, gid: 0, groups: [0, 8, 9] }],
    [
      "{runAsUser: 1000, runAsGroup: 1001}",
      "{supplementalGroups: [50]}",
      FILES,
      { uid: 1000, gid: 1001, groups: [50, 1001] },
    ],
    [
      "{runAsUser: 1000, runAsGroup: 1001}",
      "{supplementalGroupsPolicy: Strict}",
      FILES,
      { uid: 1000, gid: 1001, groups: [1001] },
    ],
    ["{runAsUser: 4294967295, runAsGroup: 0}", "", {}, { uid: 4294967295, gid: 0, groups: [0] }],
  ])("with %s, %s and image %j", (container, pod, image, expected) => {
    const lines = [container === "" ? "" : `securityContext: ${container}`, pod === "" ? "" : `securityContext: ${pod}`]

    expect(userOf(lines[0] ?? "", lines[1] ?? "", image)).toEqual(expected)
  })

  test.each<[string, string, Partial<ImageFacts>, string]>([
    [
      "",
      "",
      { ...FILES, user: "app" },
      "state runAsUser: 1000, runAsGroup: 1001, and of the pod supplementalGroups: [50]",
    ],
    [
      "",
      "",
      { ...FILES, user: "1000" },
      "state runAsUser: 1000, runAsGroup: 1001, and of the pod supplementalGroups: [50]",
    ],
    [
      "{runAsUser: 1000, runAsGroup: 1001}",
      "",
      FILES,
      "state runAsUser: 1000, runAsGroup: 1001, and of the pod supplementalGroups: [50]",
    ],
    ["", "", { user: "nobody" }, 'state runAsUser: the image has no user "nobody" in /etc/passwd'],
    ["", "", { passwd: "admin:x:0:4:::\n" }, "state runAsUser: 0, runAsGroup: 4"],
  ])(
    "has to be stated where the runtime may not see the image's files: %s %s %j",
    (container, _pod, image, expected) => {
      const message = messageOf(() => userOf(container === "" ? "" : `securityContext: ${container}`, "", image))

      expect(message).toBe(`a.yaml: Pod/web: spec.containers[0].securityContext: ${expected}`)
    },
  )

  test.each([
    ["", "runAsUser and runAsGroup"],
    ["securityContext: {runAsUser: 1}", "runAsGroup"],
    ["securityContext: {runAsGroup: 1}", "runAsUser"],
  ])("has to be stated where nothing is known of the image: %j", (container, missing) => {
    const message = messageOf(() => containerOf(`command: [/c]\n${container}`, "", { imageFacts: () => undefined }))

    expect(message).toBe(
      `a.yaml: Pod/web: spec.containers[0].securityContext: state ${missing}: nothing is known of the image`,
    )
  })

  test("is the stated one where nothing is known of the image", () => {
    const pod = "securityContext: {runAsUser: 1, runAsGroup: 2, fsGroup: 3}"

    expect(containerOf("command: [/c]", pod, { imageFacts: () => undefined }).process.user).toEqual({
      ...{ uid: 1, gid: 2, groups: [2, 3] },
    })
  })

  test.each([
    ["", { uid: 65535, gid: 65535, groups: [65535] }],
    ["securityContext: {fsGroup: 5, supplementalGroups: [6]}", { uid: 65535, gid: 65535, groups: [65535] }],
    ["securityContext: {runAsUser: 5}", { uid: 5, gid: 0, groups: [0] }],
    ["securityContext: {runAsUser: 5, runAsGroup: 6}", { uid: 5, gid: 6, groups: [6] }],
  ])("of the sandbox follows the pod alone: %j", (pod, expected) => {
    expect(policyOf(podYaml("", pod)).containers[0]?.process.user).toEqual(expected)
  })
})
