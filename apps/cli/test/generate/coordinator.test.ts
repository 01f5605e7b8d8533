import { encodeUtf8 } from "@contrast/crypto"
import { describe, expect, test } from "@jest/globals"
import { setAllowInsecure } from "../../src/generate/coordinator.ts"
import { parseImageReplacements, replaceImages } from "../../src/generate/image-replacements.ts"
import { COORDINATOR, IMAGE } from "../support/resources.ts"
import { podSpecOf, textsOf, workloadOf } from "./workload.ts"

const WITH_VARIABLE = COORDINATOR.replace("command:", 'env: [{ name: CONTRAST_ALLOW_INSECURE, value: "1" }, { name: A, value: b }]\n          command:') // prettier-ignore

describe("a Coordinator", () => {
  test("is told that its manifests are insecure, once", () => {
    const { workload, write } = workloadOf(COORDINATOR)

    setAllowInsecure(workload, true)
    const once = write()
    setAllowInsecure(workload, true)

    expect(podSpecOf(workload)).toMatchObject({
      containers: [{ env: [{ name: "CONTRAST_ALLOW_INSECURE", value: "1" }] }],
    })
    expect(write()).toBe(once)
  })

  test("is refused when it cannot be told, since it would refuse its manifests", () => {
    const { workload } = workloadOf(COORDINATOR.replace("- name: coordinator", "- name: main"))

    expect(textsOf(setAllowInsecure(workload, true))).toEqual([
      expect.stringMatching(/^spec\.template\.spec\.containers: .* rename the Coordinator's$/),
    ])
    expect(setAllowInsecure(workload, false)).toEqual([])
  })

  test("is not told so any longer on a platform that attests", () => {
    const { workload } = workloadOf(WITH_VARIABLE)

    setAllowInsecure(workload, false)

    expect(podSpecOf(workload)).toMatchObject({ containers: [{ env: [{ name: "A", value: "b" }] }] })
  })

  test("is not told so any longer in a container of another name", () => {
    const { workload } = workloadOf(WITH_VARIABLE.replace("- name: coordinator", "- name: main"))

    setAllowInsecure(workload, false)

    expect(podSpecOf(workload)).toMatchObject({ containers: [{ env: [{ name: "A", value: "b" }] }] })
  })

  test("keeps its text otherwise", () => {
    const { workload, write } = workloadOf(COORDINATOR)

    setAllowInsecure(workload, false)

    expect(write()).toBe(COORDINATOR)
  })
})

describe("image replacements", () => {
  const parse = (text: string): ReadonlyMap<string, string> => parseImageReplacements("file", encodeUtf8(text))

  test("are lines of from=to", () => {
    expect([...parse("# first\n\n a=b \r\nc:1=d@e\n")]).toEqual([
      ["a", "b"],
      ["c:1", "d@e"],
    ])
  })

  test.each(["a", "=b", "a=", "a=b=c", "a b=c", "z=x"])("are refused: %s", (line) => {
    expect(() => parse(`x=y\n${line}\n`)).toThrow(
      expect.objectContaining({ code: "FILE_CONTENT", problems: [expect.objectContaining({ file: "file", line: 2 })] }),
    )
  })

  test("are refused where two change places, since a second run would change them back", () => {
    expect(() => parse("x=y\ny=x\n")).toThrow(
      expect.objectContaining({
        problems: [expect.objectContaining({ line: 1 }), expect.objectContaining({ line: 2 })],
      }),
    )
  })

  test("are refused as a whole if they are no text", () => {
    expect(() => parseImageReplacements("file", Uint8Array.of(0xff))).toThrow(
      expect.objectContaining({ code: "FILE_CONTENT", problems: [expect.objectContaining({ file: "file" })] }),
    )
  })

  test("change exactly the images they name", () => {
    const { workload } = workloadOf(COORDINATOR)

    replaceImages(workload, new Map([[IMAGE, "other"], ["registry.example/app:1", "wrong"]])) // prettier-ignore

    expect(podSpecOf(workload)).toMatchObject({ containers: [{ image: "other" }] })
  })
})
