import { encodeHex, encodeUtf8, sha256 } from "@contrast/crypto"
import { COMMON_RULES } from "./common.ts"
import { CONTAINER_RULES } from "./container.ts"
import { COPY_FILE_RULES } from "./copy-file.ts"
import { CREATE_CONTAINER_RULES } from "./create-container.ts"
import { ENDPOINT_RULES } from "./endpoints.ts"
import { LIFECYCLE_RULES } from "./lifecycle.ts"
import { MOUNT_RULES } from "./mounts.ts"
import { NETWORK_RULES } from "./network.ts"
import { PROCESS_RULES } from "./process.ts"
import { SERVICE_VARIABLE_RULES } from "./service-variables.ts"
import { STORAGE_RULES } from "./storages.ts"

/**
 * The rules of every policy: the same text for all, which works on the data of the policy (`policy_data`). Its first
 * line tells rules apart by their hash.
 *
 * The dialect is that of the agent's engine and OPA alike, in Rego v0 and v1. Three things are easy to get wrong in it:
 * a failing builtin is no error but undefined, so a negated one is true; a rule with two values is an error; and
 * patterns have no Unicode classes.
 */
export const RULES: string = withHash(
  [
    ENDPOINT_RULES,
    COMMON_RULES,
    CREATE_CONTAINER_RULES,
    CONTAINER_RULES,
    PROCESS_RULES,
    SERVICE_VARIABLE_RULES,
    MOUNT_RULES,
    STORAGE_RULES,
    LIFECYCLE_RULES,
    COPY_FILE_RULES,
    NETWORK_RULES,
  ].join(""),
)

function withHash(rules: string): string {
  return `# contrast rules ${encodeHex(sha256(encodeUtf8(rules)))}\n\n${rules}`
}
