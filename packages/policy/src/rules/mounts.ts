/** CreateContainer: conditions on mounts (C26, C27). */
export const MOUNT_RULES: string = String.raw`
# -- Mounts. C26 asks for mounts of the policy, none of them hidden by a later one; that the source is this container's
# own is C27 for shared files, C35 for block devices.

share_directory := "/run/kata-containers/shared/containers/"

block_directory := "/run/kata-containers/sandbox/storage/"

mounts := input.OCI.Mounts

c26(p) if {
	is_list(mounts)
	is_unique([mount.destination | some mount in mounts])
	every mount in mounts {
		count(mount_alternatives(p, mount)) > 0
	}
	every expected in p.mounts {
		mount_present(expected)
	}
	count(hidden_mounts) == 0
}

mount_present(expected) if expected.required == false

mount_present(expected) if {
	some mount in mounts
	mount.destination == expected.destination
}

# The agent mounts in the order of the request, so a mount hides what was mounted below its destination before: the host
# could cover memory or an encrypted disk with files of its own. Destinations are texts of the policy by now, absolute
# and clean, so one lies below another if it goes on with a slash. Runtimes send the parents first, but for the mount of
# the cgroups: containerd sends it before all volumes, so a volume at /sys covers it, which takes nothing from the pod.
hidden_mounts := [mount.destination |
	some index, mount in mounts
	mount.type_ != "cgroup"
	some later_index, later in mounts
	index < later_index
	startswith(mount.destination, concat("", [later.destination, "/"]))
]

# The ways of the policy to make a mount that this one may be, by all but the exact source.
mount_alternatives(p, mount) := [alternative |
	some expected in p.mounts
	expected.destination == mount.destination
	some alternative in expected.any
	alternative.type == mount.type_
	options_match(alternative, mount.options)
	source_kind_matches(alternative.source, mount.source)
]

options_match(alternative, options) if alternative.options == options

options_match(alternative, options) if {
	alternative.type == "cgroup"
	is_unique(options)
	as_set(options) - as_set(policy_data.settings.cgroup_mount_extras) == as_set(alternative.options)
}

source_kind_matches(expected, source) if matches(expected, source)

source_kind_matches(expected, source) if {
	is_string(expected.shared)
	startswith(source, share_directory)
}

source_kind_matches(expected, source) if {
	expected.storage == "block"
	startswith(source, block_directory)
}

c27(p) if {
	every mount in mounts {
		alternatives := mount_alternatives(p, mount)
		shared := [alternative | some alternative in alternatives; is_string(alternative.source.shared)]
		shared_source_allowed(shared, mount.source)
	}
}

shared_source_allowed(alternatives, _) if count(alternatives) == 0

shared_source_allowed(alternatives, source) if {
	some alternative in alternatives
	regex.match(shared_pattern(alternative.source.shared), source)
}

shared_pattern(name) := concat("", [
	"^",
	share_directory,
	"((passthrough|watchable)/)?",
	input.container_id,
	"-[0-9a-f]{16}-",
	name,
	"$",
]) if is_container_id(input.container_id)
`
