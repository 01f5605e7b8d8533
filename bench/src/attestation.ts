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
  createIntelAuthorities,
  INTEL_TD,
  intelAuthorities,
  intelChain,
  issueAmdCrl,
  issueAmdLeaf,
  issueIntelCollateral,
  issueIntelPck,
  signAmdReport,
  signIntelQuote,
} from "@contrast/test-authority"
import type { Figure } from "./figure.ts"

/** When what the played AMD and Intel say is good. */
const NOW = new Date("2026-06-01T00:00:00Z")
const REPORT_DATA = new Uint8Array(64).fill(1)
const HOST_DATA = new Uint8Array(32).fill(2)
const MEASUREMENT = new Uint8Array(48).fill(3)

/** What the time goes into, at the best, in the same run. */
const GOAL = 0.8

/** Turns that new evidence, known evidence and bare signatures take, so that all see the same weather. */
const ROUNDS = 10

/** Verifications before anything counts, so that the code is as fast as it gets. */
const WARM_UP = 300

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
  /** Makes evidence whose authorities below the root, leaf, lists and statements were never seen before. */
  readonly create: () => Specimen
  /** Each signature that new evidence takes, made by such a key. What the root signed of itself is not checked. */
  readonly checks: readonly (() => boolean)[]
  /** How many of them are checked again where only the report or quote may be another. */
  readonly checksAgain: number
}

/** How fast evidence of hardware is verified, against its bare signatures; `samples` times each. */
export async function measureAttestation(samples: number): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const subject of [snp(), tdx()]) figures.push(...(await measure(subject, samples)))
  return figures
}

async function measure(subject: Subject, samples: number): Promise<readonly Figure[]> {
  const verifier = createVerifier(subject)
  const perRound = Math.ceil(samples / ROUNDS)
  const known = subject.create()
  const knownOnes = Array.from({ length: perRound }, () => known)
  await verifyAll(verifier, Array.from({ length: WARM_UP }, subject.create))
  let [newMs, knownMs, bareMs] = [0, 0, 0]
  for (let round = 0; round < ROUNDS; round += 1) {
    const specimens = Array.from({ length: perRound }, subject.create)
    newMs += await processorMs(() => verifyAll(verifier, specimens))
    // What is kept is bounded, so it has to be seen again.
    await verifyAll(verifier, [known])
    knownMs += await processorMs(() => verifyAll(verifier, knownOnes))
    bareMs += await processorMs(() => checkAll(subject, perRound))
  }
  return figuresOf(subject, { newMs, knownMs, bareMs, count: ROUNDS * perRound })
}

interface Times {
  readonly newMs: number
  readonly knownMs: number
  readonly bareMs: number
  readonly count: number
}

function figuresOf(
  { name, checks, checksAgain }: Subject,
  { newMs, knownMs, bareMs, count }: Times,
): readonly Figure[] {
  const figure = (title: string, ms: number): Figure => {
    const share = bareMs / ms
    const text = `≥ ${GOAL} of ${checks.length} bare signatures, is ${share.toFixed(2)}`
    return { name: `${name}, ${title}`, value: perSecond(ms, count), goal: { text, isMet: share >= GOAL } }
  }
  return [
    figure(`all of it new: ${checks.length} signatures checked`, newMs),
    figure(`chain and collateral seen before: ${checksAgain} of ${checks.length} checked`, knownMs),
    { name: `${name}, ${checks.length} bare signatures`, value: perSecond(bareMs, count) },
  ]
}

/** What an act takes of the processor on this thread, so that other programs do not count. */
async function processorMs(act: () => Promise<void>): Promise<number> {
  const before = process.threadCpuUsage()
  await act()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
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
    checksAgain: 1,
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

/** Quote, enclave, TCB info, QE identity. */
const TDX_RAW_SIGNATURES = 4
/** The platform's certificate, its authority's, that of who signs both statements, and two lists. */
const TDX_DER_SIGNATURES = 5

function tdx(): Subject {
  const [values] = defaultReferenceValues("Metal-QEMU-TDX")
  if (values?.kind !== "tdx") throw new Error("expected default values for TDX")
  return {
    name: "TDX quotes verified",
    values: { ...values, ...INTEL_TD, minTcbEvaluationDataNumber: 0 },
    trust: { intelRoot: intelAuthorities().root.certificate },
    create: () => {
      const authorities = createIntelAuthorities(intelAuthorities().root)
      const { root, platformCa } = authorities
      const pck = issueIntelPck({ issuer: platformCa })
      const chain = intelChain(pck, platformCa, root)
      const quote = signIntelQuote({ reportData: REPORT_DATA, hostData: HOST_DATA, pck, chain })
      return {
        evidence: { oid: EVIDENCE_OIDS.tdx, document: encodeTdxDocument(quote) },
        intel: issueIntelCollateral(authorities),
      }
    },
    checks: [
      ...Array.from({ length: TDX_RAW_SIGNATURES }, () => ecdsaCheck("sha256", generateP256Key())),
      ...Array.from({ length: TDX_DER_SIGNATURES }, () => ecdsaCheck("sha256", generateP256Key(), "der")),
    ],
    checksAgain: 2,
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

function ecdsaCheck(hash: string, key: KeyObject, dsaEncoding: "der" | "ieee-p1363" = "ieee-p1363"): () => boolean {
  const signature = sign(hash, SIGNED, { key, dsaEncoding })
  const publicKey = createPublicKey(key)
  return () => verify(hash, SIGNED, { key: publicKey, dsaEncoding }, signature)
}

function pssCheck(key: KeyObject): () => boolean {
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 }
  const signature = sign("sha384", SIGNED, { key, ...pss })
  const publicKey = createPublicKey(key)
  return () => verify("sha384", SIGNED, { key: publicKey, ...pss }, signature)
}
