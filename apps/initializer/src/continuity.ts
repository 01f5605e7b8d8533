/** That a workload's files stay those of one deployment. */
import { type Certificate, parseCertificatesPem, verifyIssuedBy } from "@contrast/crypto"
import { InitializerError } from "./error.ts"
import type { Credentials } from "./files.ts"

/**
 * Refuses credentials of another deployment than the one whose files the pod has.
 *
 * Nobody verifies the Coordinator here, and the host can start this program again while the application runs on its
 * data: whoever answers then must not put a mesh CA of his own in the place of the one that the application goes by. The
 * root CA's key lasts as long as the deployment's seed, and vouches for the mesh CA's through the intermediate.
 *
 * @param earlierRootCa - What an earlier start has written, PEM.
 * @throws {@link InitializerError} `OTHER_DEPLOYMENT`.
 */
export function requireSameDeployment(
  earlierRootCa: Uint8Array,
  { rootCa, meshCa, certificateChain }: Pick<Credentials, "rootCa" | "meshCa" | "certificateChain">,
  now: Date,
): void {
  try {
    const root = onlyCertificate(rootCa)
    if (!root.publicKey.equals(onlyCertificate(earlierRootCa).publicKey)) throw new RangeError("another root CA key")
    const { publicKey } = onlyCertificate(meshCa)
    const [, ...intermediates] = parseCertificatesPem(certificateChain)
    const intermediate = intermediates.find((certificate) => certificate.publicKey.equals(publicKey))
    if (intermediate === undefined) throw new RangeError("no intermediate for the key of the mesh CA")
    verifyIssuedBy(intermediate, root, now)
  } catch (cause) {
    const message =
      "the Coordinator is of another deployment than the files of this pod; if it is to be, start a new pod"
    throw new InitializerError("OTHER_DEPLOYMENT", message, { cause })
  }
}

/** Of several, the application would trust each. */
function onlyCertificate(pem: Uint8Array): Certificate {
  const [certificate, ...others] = parseCertificatesPem(pem)
  if (others.length > 0) throw new RangeError("expected one certificate")
  return certificate
}
