/** Every code that travels between our programs; what each means on a border stands in the status table. */
export type ErrorCode =
  // The request itself
  /** A field of the request is missing, malformed or out of range. */
  | "REQUEST"
  /** A transit ciphertext does not open. */
  | "DECRYPTION"
  /** The manifest is not valid. */
  | "MANIFEST"
  /** A policy document is not valid. */
  | "POLICY"
  /** A policy that the manifest names did not come along. */
  | "POLICY_MISSING"
  /** A policy came along that the manifest does not name. */
  | "POLICY_UNEXPECTED"
  /** The manifest's platforms are not those that this Coordinator is configured for. */
  | "SECURITY_LEVEL"
  /** A transition hash has the wrong size. */
  | "TRANSITION_HASH"
  /** The seed does not belong to the history. */
  | "WRONG_SEED"
  /** An HTTP body is too large. */
  | "BODY_SIZE"
  /** More is on its way than there is room for. */
  | "BUSY"
  /** There is no such call. */
  | "PATH"
  /** The path takes other HTTP methods. */
  | "METHOD"
  // Who asks
  /** The call needs a client certificate, or a better one. */
  | "CLIENT_CERTIFICATE"
  /** The call needs evidence, in the handshake or with the call. */
  | "EVIDENCE_ABSENT"
  /** There is no challenge that the evidence could answer: none was asked for, or it was used or has expired. */
  | "CHALLENGE"
  /** Evidence was refused. */
  | "ATTESTATION"
  /** The transit key belongs to another workload. */
  | "NAME"
  /** The detached signature is not a workload owner's. */
  | "MANIFEST_SIGNATURE"
  /** The client's key is not a workload owner's. */
  | "OWNER_KEY"
  /** An update may not change the seed share owners. */
  | "SEEDSHARE_OWNERS_CHANGED"
  /** The manifest does not name the caller's policy. */
  | "POLICY_NOT_FOUND"
  /** The caller's policy lacks the role that the call is for. */
  | "ROLE"
  /** The client's key is not a seed share owner's. */
  | "RECOVERY_OWNER"
  /** Not allowed, and the server gave no closer reason. */
  | "REFUSED"
  // The state that the Coordinator is in
  /** No manifest is set yet (transit). */
  | "UNINITIALISED"
  /** No manifest is set yet. */
  | "NO_MANIFEST"
  /** There is nothing to recover from. */
  | "NO_STATE"
  /** The Coordinator was restarted, or fell behind, and needs the seed. */
  | "NEEDS_RECOVERY"
  /** The Coordinator needs no recovery. */
  | "ALREADY_RECOVERED"
  /** Another Coordinator has recovered and can help. */
  | "RECOVERED_PEERS"
  /** The stored manifest's platforms are not those that this Coordinator is configured for. */
  | "RECOVERY_SECURITY_LEVEL"
  /** The stored history lacks a transition that the caller has seen. */
  | "ROLLBACK"
  /** Not now, and the server gave no closer reason. */
  | "PRECONDITION"
  /** The update was made for another latest transition. */
  | "PREVIOUS_TRANSITION"
  /** Another update came first. */
  | "CONFLICT"
  /** The history is as long as it may get. */
  | "HISTORY_FULL"
  /** The manifest gives the caller names that no certificate can carry. */
  | "POLICY_NAMES"
  /** There is no state that workloads could attest to yet. */
  | "MESH_NOT_READY"
  /** The manifest changed during the call; the next try may succeed. */
  | "MESH_STATE_CHANGED"
  // What broke
  /** The persisted history is damaged, or ends in a manifest that cannot be read, so there is nothing to recover to. */
  | "RECOVERY_HISTORY"
  /** The stored history is not what was written. */
  | "HISTORY_DAMAGED"
  /** The store failed. */
  | "STORE"
  /** The disk is full. */
  | "STORE_FULL"
  /** The store can no longer tell what is durable. */
  | "STORE_UNCERTAIN"
  /** Other Coordinators could not be looked up. */
  | "PEER_LOOKUP"
  /** A defect of ours. */
  | "INTERNAL"
  /** The server did not say what it means. */
  | "UNKNOWN"
  // The connection, as a client sees it
  /** No connection, or it broke. */
  | "UNREACHABLE"
  /** The server offers no evidence in the way that was asked for. */
  | "NOT_ATTESTING"
  /** The thing asked for does not exist. */
  | "NOT_FOUND"
  /** Something is larger or more than a limit allows. */
  | "LIMIT"
  /** It took too long. */
  | "TIMEOUT"
  /** The caller gave up. */
  | "CANCELLED"
