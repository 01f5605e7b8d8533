/** What `--help` shows. It spells out constants of other packages, so that a start need not load those. */
export const HELP: string = `Usage: contrast-initializer [options]
       contrast-initializer cryptsetup --device-path <device> --mount-point <dir> [options]
       contrast-initializer open-ports

Attests this workload to the Coordinator and leaves its certificates, secret and volume in place.
With cryptsetup: mounts the encrypted volume on a device and keeps it mounted until SIGTERM or SIGINT. The key is the
workload secret that the Initializer has written to /contrast/secrets/workload-secret-seed.
With open-ports: removes the guest's default-deny firewall rule, for a pod without certificates of its own, and ends.

Options:
  --root-dir <dir>                 directory that /contrast, /state and /done lie below; for tests (default: "/")
  --insecure-host-data <source>    attest on the insecure platform, with this policy hash: 64 hex digits, a URL or a
                                   file (default: the hardware's platform, and without one
                                   http://127.0.0.1:19629/hostdata)
  -d, --device-path <device>       cryptsetup: block device that holds the volume
  -m, --mount-point <dir>          cryptsetup: empty directory to mount it on
  -V, --version                    show the version
  -h, --help                       show this

Environment:
  COORDINATOR_HOST                 host of the Coordinator's mesh API, or host:port (port 7777 if absent); required
  CRYPTSETUP_DEVICE                block device for an encrypted volume at /state; absent: no volume
  CRYPTSETUP_FORMAT                if-empty (default): an empty device is made into a volume; never: it is refused
  CONTRAST_SERVICE_MESH_DISABLED   not empty: remove the default-deny firewall rule (needs iptables-legacy and
                                   NET_ADMIN; without them this is an error, for the workload's ports would stay closed)
  CONTRAST_LOG_LEVEL               error, warn, info (default) or debug

Files:
  /contrast/tls-config/certChain.pem, key.pem, mesh-ca.pem, coordinator-root-ca.pem
  /contrast/secrets/workload-secret-seed   hex, if the manifest gives this workload a secret
  /done                                    empty; everything is in place

Volume:
  An empty device is made into a volume first (LUKS2 with integrity, ext4); see CRYPTSETUP_FORMAT.
  A device that holds anything else is refused and stays untouched.

Platform:
  SEV-SNP or TDX as the kernel offers it in /sys/kernel/config/tsm/report (Linux 6.7 or later,
  configfs mounted, sev-guest or tdx-guest loaded). What was looked at is in the error if there is none.

Without a volume it ends after /done. With one it stays, and unmounts it on SIGTERM or SIGINT.
While the Coordinator does not answer or refuses, it tries again until it is stopped.

Exit codes: 0 done, 1 failed, stopped too early or refused, 2 usage.
`
