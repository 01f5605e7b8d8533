export { type CryptoErrorCode, CryptoError } from "./error.ts"
export {
  concatBytes,
  decodeBase64,
  decodeHex,
  decodeUtf8,
  encodeBase64,
  encodeHex,
  encodeUtf8,
  equalBytes,
} from "./bytes.ts"
export { sha256, sha384, sha512 } from "./digest.ts"
export { type HkdfInputs, MAX_HKDF_BYTES, hkdfSha256 } from "./kdf.ts"
export { type Aes256GcmInputs, openAes256Gcm, sealAes256Gcm } from "./aead.ts"
export {
  MIN_SEED_BYTES,
  SALT_BYTES,
  SEED_BYTES,
  type SeedEngine,
  type TransitRoot,
  createSeedEngine,
  deriveTransitKey,
} from "./seed-engine.ts"
export { deriveP384Key, signDigest, signSha256, verifyDigest, verifySha256 } from "./ecdsa.ts"
export { encodePem, parsePem } from "./pem.ts"
export {
  encodeSeedshareOwnerKey,
  encodeWorkloadOwnerKey,
  generateSeedshareOwnerKey,
  generateWorkloadOwnerKey,
  parseSeedshareOwnerKey,
  parseWorkloadOwnerKey,
} from "./owner-keys.ts"
export { encodeOwnerPublicKey, parseSeedshareOwnerPublicKey, parseWorkloadOwnerPublicKey } from "./owner-public-keys.ts"
export {
  type SeedShare,
  type SeedShareDocument,
  encodeSeedShareDocument,
  parseSeedShareDocument,
} from "./seed-share-document.ts"
export { type SeedShareInputs, openSeedShare, sealSeedShares } from "./seed-shares.ts"
export { type Certificate, parseCertificate, parsePeerCertificate } from "./x509/certificate.ts"
export { certificatePem, parseCertificatesPem } from "./x509/certificate-pem.ts"
export {
  type DerElement,
  Tag,
  bitString,
  constructed,
  encodeDer,
  explicitTag,
  integer,
  objectIdentifier,
  primitive,
} from "./x509/der.ts"
export { childrenOf, contentOf, hasTag, objectIdentifierOf, octetsOfBitString, parseDer } from "./x509/der-reading.ts"
export { parseTime } from "./x509/time.ts"
export { type CertificateExtension, parseExtensions } from "./x509/extensions.ts"
export { type ChainInputs, verifyChain } from "./x509/chain.ts"
export { verifyIssuedBy, verifySelfSigned } from "./x509/verification.ts"
export { type SubjectAltNames, parseSubjectAltNames } from "./x509/subject-alt-names.ts"
export { findIpAddress } from "./x509/ip-address.ts"
export { type IssueOptions } from "./x509/issuance.ts"
export {
  type Authority,
  issueIntermediateCertificate,
  issueMeshCaCertificate,
  issueRootCertificate,
} from "./x509/authority-certificates.ts"
export {
  type LeafInputs,
  generateP256Key,
  issueLeafCertificate,
  readWorkloadSecretId,
} from "./x509/leaf-certificate.ts"
export { type AttestedInputs, issueAttestedCertificate } from "./x509/attested-certificate.ts"
export { issueAcceptableCa, readAcceptableCaNonce } from "./x509/acceptable-ca.ts"
