import { readFileSync } from "node:fs"
import { join } from "node:path"
import { status } from "@grpc/grpc-js"
import { afterEach, expect, test } from "@jest/globals"
import { ProtocolError } from "@contrast/protocol"
import { Labs } from "../support/labs.ts"
import { describeWithPeerVectors, peerVectors } from "../support/vectors.ts"
import {
  GET_MANIFESTS_CASES,
  MESH_RECOVER_CASES,
  NEW_MESH_CERT_CASES,
  RECOVER_CASES,
  SET_MANIFEST_CASES,
} from "./status-code-cases.ts"

const CASES = {
  SetManifest: SET_MANIFEST_CASES,
  GetManifests: GET_MANIFESTS_CASES,
  Recover: RECOVER_CASES,
  NewMeshCert: NEW_MESH_CERT_CASES,
  "mesh Recover": MESH_RECOVER_CASES,
}

/** A call that the established implementation answered, and how. */
interface Row {
  readonly rpc: keyof typeof CASES
  readonly case: string
  readonly code: string
}

interface Difference {
  readonly ours: string
  readonly because: string
}

const exactPolicies = {
  ours: "InvalidArgument",
  because: "formats §14, 1.4: exactly 64 lower-case hex digits, policies exactly those named, once each",
}
const answerBeforeClose = "formats §14, 1.7: a status before a close where the protocol allows it"

/** Where ours answers otherwise on purpose, and what says so. */
const DIFFERENCES: Readonly<Record<string, Difference>> = {
  "SetManifest, first: policy hash not hex": exactPolicies,
  "SetManifest, first: policy hash odd length": exactPolicies,
  "SetManifest, first: policy hash short hex, not provided": exactPolicies,
  "SetManifest, first: policy key of 33 bytes whose first 32 match a provided policy": exactPolicies,
  "SetManifest, first: upper-case policy key": exactPolicies,
  "SetManifest, first: extra unreferenced policies": exactPolicies,
  "SetManifest, first: duplicate policies": exactPolicies,
  "SetManifest, first: empty object, coordinator not insecure": {
    ours: "InvalidArgument",
    because: "formats §14, 1.4: no reference values is InvalidArgument in both modes; decisions §3: full validation",
  },
  "Recover, wrong seed of right size": { ours: "InvalidArgument", because: "formats §14, 1.6: with our own detail" },
  "Recover, right seed, wrong salt": { ours: "InvalidArgument", because: "formats §14, 1.6: with our own detail" },
  "NewMeshCert, wrong report data": { ours: "PermissionDenied", because: answerBeforeClose },
  "NewMeshCert, client without attestation extension": { ours: "Unauthenticated", because: answerBeforeClose },
  "NewMeshCert, no client certificate at all": { ours: "PermissionDenied", because: answerBeforeClose },
}

describeWithPeerVectors("the status codes of the established implementation", () => {
  const labs = new Labs()
  afterEach(() => labs.stop())
  const rows = readRows()

  test("are 91, each with a case here, and each difference is about one of them", () => {
    expect(rows).toHaveLength(91)
    expect(rows.map(nameOf).sort()).toEqual(
      Object.entries(CASES)
        .flatMap(([rpc, cases]) => Object.keys(cases).map((name) => `${rpc}, ${name}`))
        .sort(),
    )
    expect(rows.map(nameOf)).toEqual(expect.arrayContaining(Object.keys(DIFFERENCES)))
  })

  test.each(rows.map((row) => [nameOf(row), row] as const))("%s", async (name, row) => {
    const run = CASES[row.rpc][row.case]

    const code = await codeOf(() => run?.(labs))

    expect(code).toBe(DIFFERENCES[name]?.ours ?? row.code)
  })
})

function readRows(): readonly Row[] {
  const file = readFileSync(join(peerVectors, "status-codes.json"), "utf8")
  return JSON.parse(file) as readonly Row[] // an array of rows, as its README says
}

function nameOf(row: Row): string {
  return `${row.rpc}, ${row.case}`
}

/** The status in the spelling of the rows; an error that is no answer shows as itself. */
async function codeOf(call: () => Promise<unknown> | undefined): Promise<string> {
  try {
    await call()
    return "OK"
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const words = status[error.grpcStatus].toLowerCase().split("_")
    return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")
  }
}
