import { securityLevel, type Manifest } from "@contrast/manifest"
import { CoordinatorError } from "../error.ts"

/**
 * A Coordinator for development takes nothing but insecure manifests, and every other one nothing but secure ones.
 *
 * @throws {@link CoordinatorError} `SECURITY_LEVEL` or `RECOVERY_SECURITY_LEVEL`, whichever the caller names;
 *   {@link ManifestError} if the manifest has no one level.
 */
export function requireSecurityLevel(
  manifest: Manifest,
  allowInsecure: boolean,
  code: "SECURITY_LEVEL" | "RECOVERY_SECURITY_LEVEL",
): void {
  const isInsecure = securityLevel(manifest) === "insecure"
  if (isInsecure === allowInsecure) return
  const message = isInsecure
    ? "manifest contains insecure platforms, but the coordinator is not configured to allow them"
    : "secure manifest is not allowed when the coordinator is configured for insecure manifests"
  throw new CoordinatorError(code, message)
}
