import { constants, createPublicKey, sign, verify, type KeyObject } from "node:crypto"
import {
  type CollateralSource,
  encodeSnpDocument,
  encodeTdxDocument,
  EVIDENCE_OIDS,
  type Evidence,
  idKeyDigest,
  type IntelCollateral,
  NO_COLLATERAL,
  type Trust,
  validateEvidence,
  validatorsFor,
} from "@contrast/attestation"
import { generateP256Key } from "@contrast/crypto"
import { defaultReferenceValues, type Manifest, type ReferenceValues } from "@contrast/manifest"
import {
  AMD_POLICY,
  amdAuthorities,
  amdSigningKey,
  amdTestRoots,
  INTEL_TD,
  intelAuthorities,
  issueAmdCrl,
  issueAmdLeaf,
  issueIntelCollateral,
  issueIntelPck,
  signAmdReport,
  signIntelQuote,
} from "@contrast/test-authority"
import { type Figure, timeMs } from "./figure.ts"

/** When what the played AMD and Intel say is good. */
const NOW = new Date("2026-06-01T00:00:00Z")
const REPORT_DATA = new Uint8Array(64).fill(1)
const HOST_DATA = new Uint8Array(32).fill(2)
const MEASUREMENT = new Uint8Array(48).fill(3)

/** What the time goes into, at the best, in the same run. */
const GOAL = 0.8

/** Turns that new evidence, known evidence and bare signatures take, so that all see the same weather. */
const ROUNDS = 10

/** A piece of evidence with what vouches for it. */
interface Specimen {
  readonly evidence: Evidence
  readonly intel?: IntelCollateral
}

/** A platform as it is measured. */
interface Subject {
  readonly name: string
  readonly values: ReferenceValues
  readonly trust: Trust
  /** Makes evidence whose chain, lists and statements were never seen before. */
  readonly create: () => Specimen
  /** Each signature that has to be checked: made by such a key. */
  readonly checks: readonly (() => boolean)[]
}

/** How fast evidence of hardware is verified, against its bare signatures; `samples` times each. */
export async function measureAttestation(samples: number): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const subject of [snp(), tdx()]) figures.push(...(await measure(subject, samples)))
  return figures
}

async function measure(subject: Subject, samples: number): Promise<readonly Figure[]> {
  const perRound = Math.ceil(samples / ROUNDS)
  const [first, ...others] = Array.from({ length: 1 + ROUNDS * perRound }, subject.create)
  if (first === undefined) throw new RangeError("expected at least one sample")
  const verifier = createVerifier(subject)
  await verifyAll(verifier, [first])
  let [newMs, knownMs, bareMs] = [0, 0, 0]
  for (let round = 0; round < ROUNDS; round += 1) {
    const specimens = others.slice(round * perRound, (round + 1) * perRound)
    newMs += await timeMs(() => verifyAll(verifier, specimens))
    // What is kept is bounded, so it has to be seen again.
    await verifyAll(verifier, [first])
    knownMs += await timeMs(() =>
      verifyAll(
        verifier,
        specimens.map(() => first),
      ),
    )
    bareMs += await timeMs(() => checkAll(subject, perRound))
  }
  const count = ROUNDS * perRound
  return [
    figureOf(`${subject.name}, all of it new`, { ms: newMs, bareMs, count }),
    figureOf(`${subject.name}, chain and collateral seen before`, { ms: knownMs, bareMs, count }),
    { name: `${subject.name}, ${subject.checks.length} bare signatures`, value: perSecond(bareMs, count) },
  ]
}

function figureOf(
  name: string,
  { ms, bareMs, count }: { readonly ms: number; readonly bareMs: number; readonly count: number },
): Figure {
  const share = bareMs / ms
  const text = `≥ ${GOAL} of the bare signatures, is ${share.toFixed(2)}`
  return { name, value: perSecond(ms, count), goal: { text, isMet: share >= GOAL } }
}

function perSecond(ms: number, count: number): string {
  return `${Math.round((1000 * count) / ms)}/s`
}

/** Verifies one specimen after the other, with its collateral. */
type Verifier = (specimen: Specimen) => Promise<unknown>

function createVerifier({ values, trust }: Subject): Verifier {
  let intel: IntelCollateral | undefined
  const collateral: CollateralSource = {
    ...NO_COLLATERAL,
    intel: async (query, freshness) => intel ?? (await NO_COLLATERAL.intel(query, freshness)),
  }
  const validators = validatorsFor(manifestOf(values), { ...trust, collateral })
  return (specimen) => {
    intel = specimen.intel
    return validateEvidence(validators, specimen.evidence, { reportData: REPORT_DATA, now: NOW })
  }
}

async function verifyAll(verify: Verifier, specimens: readonly Specimen[]): Promise<void> {
  for (const specimen of specimens) await verify(specimen)
}

function checkAll({ checks }: Subject, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) {
    if (!checks.every((check) => check())) throw new Error("a bare signature was refused")
  }
  return Promise.resolve()
}

function snp(): Subject {
  const { ask, ark } = amdAuthorities("Milan")
  const report = signAmdReport({
    ...{ reportData: REPORT_DATA, measurement: MEASUREMENT, hostData: HOST_DATA },
    idKeyDigest: idKeyDigest(MEASUREMENT, AMD_POLICY),
  })
  return {
    name: "SEV-SNP reports verified",
    values: snpValues(),
    trust: { amdRoots: amdTestRoots() },
    create: () => ({
      evidence: {
        oid: EVIDENCE_OIDS.snp,
        document: encodeSnpDocument({ report, vcek: issueAmdLeaf(), crl: issueAmdCrl() }),
      },
    }),
    checks: [pssCheck(ask.key), pssCheck(ark.key), ecdsaCheck("sha384", amdSigningKey("VCEK"))],
  }
}

function snpValues(): ReferenceValues {
  const [values] = defaultReferenceValues("Metal-QEMU-SNP")
  if (values?.kind !== "snp") throw new Error("expected default values for SEV-SNP")
  return {
    ...values,
    productName: "Milan",
    trustedMeasurement: MEASUREMENT,
    minimumTcb: { bootloaderVersion: 0, teeVersion: 0, snpVersion: 0, microcodeVersion: 0 },
    guestPolicy: { ...values.guestPolicy, abiMajor: 0, abiMinor: 0, smt: true },
    platformInfo: { ...values.platformInfo, smtEnabled: true },
  }
}

/** The quote with its enclave, and five times something of Intel's with the certificate that leads to it. */
const TDX_SIGNATURES = 10

function tdx(): Subject {
  const [values] = defaultReferenceValues("Metal-QEMU-TDX")
  if (values?.kind !== "tdx") throw new Error("expected default values for TDX")
  return {
    name: "TDX quotes verified",
    values: { ...values, ...INTEL_TD, minTcbEvaluationDataNumber: 0 },
    trust: { intelRoot: intelAuthorities().root.certificate },
    create: () => {
      const quote = signIntelQuote({ reportData: REPORT_DATA, hostData: HOST_DATA, pck: issueIntelPck() })
      return {
        evidence: { oid: EVIDENCE_OIDS.tdx, document: encodeTdxDocument(quote) },
        intel: issueIntelCollateral(),
      }
    },
    checks: Array.from({ length: TDX_SIGNATURES }, () => ecdsaCheck("sha256", generateP256Key())),
  }
}

function manifestOf(values: ReferenceValues): Manifest {
  return {
    policies: new Map([[Buffer.from(HOST_DATA).toString("hex"), { sans: ["coordinator"], role: "coordinator" }]]),
    referenceValues: [values],
    ...{ workloadOwnerPubKeys: [], workloadOwnerKeyDigests: [], seedshareOwnerPubKeys: [] },
  }
}

/** As long as a certificate, a report, or the signed part of a quote. */
const SIGNED = new Uint8Array(1024)

function ecdsaCheck(hash: string, key: KeyObject): () => boolean {
  const signature = sign(hash, SIGNED, { key, dsaEncoding: "ieee-p1363" })
  const publicKey = createPublicKey(key)
  return () => verify(hash, SIGNED, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature)
}

function pssCheck(key: KeyObject): () => boolean {
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 }
  const signature = sign("sha384", SIGNED, { key, ...pss })
  const publicKey = createPublicKey(key)
  return () => verify("sha384", SIGNED, { key: publicKey, ...pss }, signature)
}
