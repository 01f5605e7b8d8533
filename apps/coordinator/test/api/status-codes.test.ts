import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { status } from "@grpc/grpc-js"
import { afterEach, beforeAll, expect, test } from "@jest/globals"
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

const NAMES = Object.entries(CASES).flatMap(([rpc, cases]) => Object.keys(cases).map((name) => `${rpc}, ${name}`))

describeWithPeerVectors("the status codes of the established implementation", () => {
  const labs = new Labs()
  let rows: ReadonlyMap<string, Row>

  beforeAll(async () => {
    rows = await readRows()
  })
  afterEach(() => labs.stop())

  test("are 91, each with a case here, and each difference is about one of them", () => {
    expect(rows.size).toBe(91)
    expect([...rows.keys()].sort()).toEqual(NAMES.toSorted())
    expect(NAMES).toEqual(expect.arrayContaining(Object.keys(DIFFERENCES)))
  })

  test.each(NAMES)("%s", async (name) => {
    const row = rows.get(name)
    const run = row && CASES[row.rpc][row.case]

    const code = await codeOf(() => run?.(labs))

    expect(code).toBe(DIFFERENCES[name]?.ours ?? row?.code)
  })
})

async function readRows(): Promise<ReadonlyMap<string, Row>> {
  const file = await readFile(join(peerVectors, "status-codes.json"), "utf8")
  const rows = JSON.parse(file) as readonly Row[] // an array of rows, as its README says
  return new Map(rows.map((row) => [`${row.rpc}, ${row.case}`, row]))
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
