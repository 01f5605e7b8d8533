/** One call for each row of the status codes of the established implementation, in the state that the row names. */
import { randomBytes } from "node:crypto"
import { encodeUtf8, generateP256Key, generateWorkloadOwnerKey } from "@contrast/crypto"
import { NO_TRANSITION, nextTransition, signTransition, transitionHash } from "@contrast/manifest"
import {
  COORDINATOR,
  DATABASE,
  manifestOf,
  otherSeedshareKey,
  ownerHex,
  ownerKey,
  policyOf,
  rsaKey,
  seedshareKey,
  spkiHex,
  WEB,
} from "../support/deployment.ts"
import type { RecoverInput } from "../support/caller.ts"
import type { Lab, LabOptions } from "../support/lab.ts"
import { setWithEd25519 } from "../support/ed25519-client.ts"
import type { Labs, Restarted } from "../support/labs.ts"
import { MemoryStore } from "../support/memory-store.ts"

type Case = (labs: Labs) => Promise<unknown>

const POLICIES = [COORDINATOR.bytes, WEB.bytes, DATABASE.bytes]
const owners = (...owners: string[]): Uint8Array => manifestOf({ SeedshareOwnerPubKeys: owners })
const policies = (policies: Readonly<Record<string, unknown>>): Uint8Array =>
  manifestOf({ Policies: { [COORDINATOR.hash]: { Role: "coordinator" }, ...policies } })
const first =
  (...arguments_: Parameters<Lab["set"]>): Case =>
  async (labs) =>
    (await labs.fresh()).set(...arguments_)
const update =
  (...arguments_: Parameters<Lab["set"]>): Case =>
  async (labs) =>
    (await labs.active()).set(...arguments_)
const recovery =
  (input?: RecoverInput, options?: LabOptions): Case =>
  async (labs) =>
    (await labs.restarted({}, options)).recover(input)

async function stale(labs: Labs): Promise<Lab> {
  const lab = await labs.active()
  lab.servers.guard.markStale(lab.servers.guard.current())
  return lab
}

async function overtaken(labs: Labs): Promise<Lab> {
  const store = new MemoryStore()
  const lab = await labs.active({}, { store })
  store.head = randomBytes(130)
  return lab
}

async function frozen(labs: Labs): Promise<Lab> {
  const lab = await labs.active()
  await lab.set({ Manifest: manifestOf({ WorkloadOwnerPubKeys: [] }) })
  return lab
}

/** A Coordinator whose store was tampered with since. */
async function tampered(labs: Labs, tamper: (store: MemoryStore) => void): Promise<Restarted> {
  const restarted = await labs.restarted()
  tamper(restarted.store)
  return restarted
}

function alterManifests(alter: (store: MemoryStore, name: string, bytes: Uint8Array) => void) {
  return (store: MemoryStore): void => {
    for (const [name, bytes] of store.objects) if (name.startsWith("manifests/")) alter(store, name, bytes)
  }
}

const firstTransition = transitionHash(nextTransition(manifestOf(), NO_TRANSITION))

export const SET_MANIFEST_CASES: Readonly<Record<string, Case>> = {
  "first: empty manifest bytes": first({ Manifest: new Uint8Array(0) }),
  "first: JSON array": first({ Manifest: encodeUtf8("[]") }),
  "first: Policies is a string": first({ Manifest: manifestOf({ Policies: "none" }) }),
  "first: signature given, manifest without owner keys": first({
    Manifest: manifestOf({ WorkloadOwnerPubKeys: [] }),
    Signature: signTransition(ownerKey, firstTransition),
  }),
  "first: signature wrong": first({ Signature: signTransition(ownerKey, NO_TRANSITION) }),
  "first: previous transition hash not zero": first({ PreviousTransitionHash: firstTransition }),
  "first: previous transition hash 31 zero bytes": first({ PreviousTransitionHash: new Uint8Array(31) }),
  "first: seedshare key not hex": first({ Manifest: owners("zz") }),
  "first: seedshare key is SPKI not PKCS1": first({ Manifest: owners(spkiHex(seedshareKey)) }),
  "first: seedshare RSA-1024 (too small for 64-byte seed with OAEP-SHA256)": first({
    Manifest: owners(ownerHex(rsaKey(1024))),
  }),
  "first: no reference values, coordinator in insecure mode": first({ Manifest: manifestOf({ ReferenceValues: {} }) }),
  "first: mixed platforms": first({
    Manifest: manifestOf({
      ReferenceValues: { snp: [{ Platform: "Metal-QEMU-Insecure" }], tdx: [{ Platform: "Metal-QEMU-TDX" }] },
    }),
  }),
  "first: policy missing": first({ Policies: [COORDINATOR.bytes, WEB.bytes] }),
  "first: policy hash not hex": first({ Manifest: policies({ ["x".repeat(64)]: {} }) }),
  "first: policy hash odd length": first({ Manifest: policies({ [WEB.hash.slice(1)]: {} }) }),
  "first: policy hash short hex, not provided": first({ Manifest: policies({ abcd: {} }) }),
  "first: policy key of 33 bytes whose first 32 match a provided policy": first({
    Manifest: policies({ [`${WEB.hash}00`]: {} }),
    Policies: [COORDINATOR.bytes, WEB.bytes],
  }),
  "first: upper-case policy key": first({
    Manifest: policies({ [WEB.hash.toUpperCase()]: {} }),
    Policies: [COORDINATOR.bytes, WEB.bytes],
  }),
  "first: unknown platform name in insecure coordinator": first({
    Manifest: manifestOf({ ReferenceValues: { snp: [{ Platform: "Metal-QEMU-Abacus" }] } }),
  }),
  "first: extra unreferenced policies": first({ Policies: [...POLICIES, policyOf("extra").bytes] }),
  "first: duplicate policies": first({ Policies: [...POLICIES, WEB.bytes] }),
  "first: previous transition hash 32 zero bytes": first({ PreviousTransitionHash: new Uint8Array(32) }),
  "first: insecure manifest, coordinator not insecure": async (labs) =>
    (await labs.fresh({ allowInsecure: false })).set(),
  "first: empty object, coordinator not insecure": async (labs) =>
    (await labs.fresh({ allowInsecure: false })).set({ Manifest: encodeUtf8("{}"), Policies: [] }),
  "update: old manifest without owner keys, no cert": async (labs) =>
    (await labs.active({ WorkloadOwnerPubKeys: [] })).setWithoutCertificate(),
  "update: old manifest without owner keys, with key": async (labs) =>
    (await labs.active({ WorkloadOwnerPubKeys: [] })).set(),
  "first: good": first(),
  "update: no cert key of owner (random P-256)": update({}, generateP256Key()),
  "update: unknown P-384 key": update({}, generateWorkloadOwnerKey()),
  "update: RSA key": update({}, seedshareKey),
  "update: ed25519 client key": async (labs) => setWithEd25519((await labs.active()).ports.user),
  "update: wrong signature with owner's key on the connection": update({ Signature: randomBytes(100) }),
  "update: manifest not JSON, unauthorised": update({ Manifest: encodeUtf8("{") }, generateWorkloadOwnerKey()),
  "update: previous hash mismatch (authorised)": update({ PreviousTransitionHash: randomBytes(32) }),
  "update: previous hash mismatch (unauthorised)": update(
    { PreviousTransitionHash: randomBytes(32) },
    generateWorkloadOwnerKey(),
  ),
  "update: seedshare owners changed": update({ Manifest: owners(ownerHex(seedshareKey)) }),
  "update: seedshare owners reordered": update({
    Manifest: owners(ownerHex(otherSeedshareKey), ownerHex(seedshareKey)),
  }),
  "update: seedshare owners in other case": update({
    Manifest: owners(ownerHex(seedshareKey).toUpperCase(), ownerHex(otherSeedshareKey)),
  }),
  "update: signature made for the zero previous hash": update({ Signature: signTransition(ownerKey, firstTransition) }),
  "first: good, with owner signature over zero previous hash": first({
    Signature: signTransition(ownerKey, firstTransition),
  }),
  "update: same manifest again (authorised)": update(),
  "first: good (for freeze)": first(),
  "update: drop owner keys": update({ Manifest: manifestOf({ WorkloadOwnerPubKeys: [] }) }),
  "update: after owner keys were dropped": async (labs) => (await frozen(labs)).set(),
  "first: good (for CAS)": first(),
  "update: latest changed underneath": async (labs) => (await overtaken(labs)).set(),
  "first: good (for stale)": first(),
  stale: async (labs) => (await stale(labs)).set(),
  "persisted but not loaded": async (labs) => (await labs.restarted()).lab.set(),
  "store error": async (labs) => {
    const store = new MemoryStore()
    const lab = await labs.active({}, { store })
    store.isBroken = true
    return lab.set()
  },
  "update: no client certificate at all": async (labs) => (await labs.active()).setWithoutCertificate(),
}

export const GET_MANIFESTS_CASES: Readonly<Record<string, Case>> = {
  "nothing set": async (labs) => (await labs.fresh()).getManifests(),
  "still nothing after failed sets": async (labs) => {
    const lab = await labs.fresh()
    await lab.set({ Policies: [] }).catch(() => undefined)
    await lab.set({ Manifest: encodeUtf8("{") }).catch(() => undefined)
    return lab.getManifests()
  },
  "after a lost CAS (state not marked stale)": async (labs) => {
    const lab = await overtaken(labs)
    await lab.set().catch(() => undefined)
    return lab.getManifests()
  },
  stale: async (labs) => (await stale(labs)).getManifests(),
  "persisted but not loaded": async (labs) => (await labs.restarted()).lab.getManifests(),
  "after recovery": async (labs) => {
    const { lab, recover } = await labs.restarted()
    await recover()
    return lab.getManifests()
  },
  "policy object missing": async (labs) => {
    const store = new MemoryStore()
    const lab = await labs.active({}, { store })
    store.objects.delete(`policies/${WEB.hash}`)
    return lab.getManifests()
  },
  "store error": async (labs) => {
    const store = new MemoryStore()
    const lab = await labs.active({}, { store })
    store.isBroken = true
    return lab.getManifests()
  },
}

export const RECOVER_CASES: Readonly<Record<string, Case>> = {
  "nothing persisted": async (labs) => (await labs.fresh()).recover({ seed: randomBytes(64), salt: randomBytes(32) }),
  "state is fresh": async (labs) => (await labs.active()).recover({ seed: randomBytes(64), salt: randomBytes(32) }),
  "stale but loaded: recover works": async (labs) => {
    const lab = await labs.active()
    const { seed, salt } = lab.state.seedEngine
    lab.servers.guard.markStale(lab.servers.guard.current())
    return lab.recover({ seed, salt })
  },
  "peer lookup fails": recovery({}, { findRecoveredPeers: () => Promise.reject(new Error("no such service")) }),
  "two ready peers": recovery({}, { findRecoveredPeers: () => Promise.resolve(["10.0.0.1", "10.0.0.2"]) }),
  "no client key of an owner": recovery({ key: rsaKey(2048) }),
  "workload owner key": recovery({ key: ownerKey }),
  "salt 31 bytes": recovery({ salt: randomBytes(31) }),
  "seed 31 bytes": recovery({ seed: randomBytes(31) }),
  "seed and salt empty": recovery({ seed: new Uint8Array(0), salt: new Uint8Array(0) }),
  "wrong seed of right size": recovery({ seed: randomBytes(64) }),
  "right seed, wrong salt": recovery({ salt: randomBytes(32) }),
  "one ready peer, forced": recovery({ force: true }, { findRecoveredPeers: () => Promise.resolve(["10.0.0.1"]) }),
  "persisted manifest is insecure, coordinator is not": recovery({}, { allowInsecure: false }),
  "persisted manifest has no seedshare owners": async (labs) =>
    (await labs.restarted({ SeedshareOwnerPubKeys: [] })).recover(),
  "latest is 32 bytes long": async (labs) =>
    (
      await tampered(labs, (store) => {
        store.head = store.head?.slice(0, 32)
      })
    ).recover(),
  "manifest object missing": async (labs) =>
    (
      await tampered(
        labs,
        alterManifests((store, name) => store.objects.delete(name)),
      )
    ).recover(),
  "manifest object altered": async (labs) =>
    (
      await tampered(
        labs,
        alterManifests((store, name, bytes) => store.objects.set(name, bytes.slice(1))),
      )
    ).recover(),
  "(prepare) good recover": recovery(),
  "store error": async (labs) =>
    (
      await tampered(labs, (store) => {
        store.isBroken = true
      })
    ).recover(),
}

export const NEW_MESH_CERT_CASES: Readonly<Record<string, Case>> = {
  "manifest set but fails full validation": async (labs) => {
    const lab = await labs.fresh()
    // Ours does not take such a manifest in the first place.
    await lab.set({ Manifest: manifestOf({ ReferenceValues: {} }) }).catch(() => undefined)
    return lab.newMeshCert()
  },
  "no manifest": async (labs) => (await labs.fresh()).newMeshCert(),
  good: async (labs) => (await labs.active()).newMeshCert(),
  "host data not in manifest": async (labs) => (await labs.active()).newMeshCert({ hostData: policyOf("other").hash }),
  "wrong report data": async (labs) => (await labs.active()).newMeshCert({ evidence: "of another challenge" }),
  "client without attestation extension": async (labs) => (await labs.active()).newMeshCert({ evidence: "none" }),
  stale: async (labs) => (await stale(labs)).newMeshCert(),
  "persisted but not loaded": async (labs) => (await labs.restarted()).lab.newMeshCert(),
  "no client certificate at all": async (labs) => (await labs.active()).newMeshCert({ key: undefined }),
}

export const MESH_RECOVER_CASES: Readonly<Record<string, Case>> = {
  "role empty": async (labs) => (await labs.active()).meshRecover({ hostData: WEB.hash }),
  "host data not in manifest": async (labs) => (await labs.active()).meshRecover({ hostData: policyOf("other").hash }),
  "coordinator role": async (labs) => (await labs.active()).meshRecover({ hostData: COORDINATOR.hash }),
}
