/** CreateContainer: conditions on the request as a whole (C01 to C07), the choice of the container, the new state. */
export const CREATE_CONTAINER_RULES: string = String.raw`
# -- CreateContainer: C01 to C07 hold for the request, C08 to C35 for one container of the policy.

CreateContainerRequest := {"allowed": true, "ops": create_ops(named_containers[0])} if {
	count(create_container_refusals) == 0
	count(named_containers) == 1
}

CreateContainerRequest := {"allowed": false} if {
	print("CreateContainerRequest:", concat(" ", sort([number | some number in create_container_refusals])))
	false
}

create_container_refusals := create_request_refusals | named_refusals

# The container that the request names (C10) is the one that it is held to; the policy has no two of a name.
named_refusals := container_refusals(policy_data.containers[named_containers[0]], named_containers[0]) if {
	count(named_containers) == 1
}

named_refusals := {"C10"} if count(named_containers) != 1

named_containers := [index | some index, p in policy_data.containers; c10(p)]

create_request_refusals contains "C01" if not c01

create_request_refusals contains "C02" if not c02

create_request_refusals contains "C03" if not c03

create_request_refusals contains "C04" if not c04

create_request_refusals contains "C05" if not c05

create_request_refusals contains "C06" if not c06

create_request_refusals contains "C07" if not c07

create_ops(index) := array.concat(
	[
		{"op": "add", "path": concat("/", ["/pstate", container_key(input.container_id)]), "value": index},
		{"op": "add", "path": concat("/", ["/pstate", instance_key(index)]), "value": input.container_id},
	],
	array.concat(
		array.concat(pin_ops("sandbox_id", sandbox_id), pin_ops("sandbox_name", sandbox_name)),
		array.concat(pin_ops("namespace", namespace), pin_ops("netns", netns)),
	),
)

annotations := input.OCI.Annotations

process := input.OCI.Process

linux := input.OCI.Linux

sandbox_id := annotations["io.kubernetes.cri.sandbox-id"]

sandbox_name := annotations["io.kubernetes.cri.sandbox-name"]

namespace := annotations["io.kubernetes.cri.sandbox-namespace"]

c01 if {
	input.shared_mounts == []
	input.string_user == null
	input.OCI.Hooks == null
	input.OCI.Solaris == null
	input.OCI.Windows == null
	process.SelinuxLabel == ""
	process.User.Username == ""
	linux.MountLabel == ""
	linux.UIDMappings == []
	linux.GIDMappings == []
	linux.Seccomp == null
	linux.IntelRdt == null
}

c02 if {
	linux.Resources.Devices == []
	linux.Resources.HugepageLimits == []
	linux.Resources.Pids == null
	linux.Resources.BlockIO == null
	linux.Resources.Network == null
	memory_allowed(linux.Resources.Memory)
	cpu_allowed(linux.Resources.CPU)
	process.OOMScoreAdj >= -1000
	process.OOMScoreAdj <= 1000
}

memory_allowed(memory) if memory == null

memory_allowed(memory) if memory.DisableOOMKiller == false

cpu_allowed(cpu) if cpu == null

cpu_allowed(cpu) if {
	cpu.Cpus == ""
	cpu.Mems == ""
}

c03 if ports_allowed

# An id is never created twice while it is live.
c04 if {
	is_container_id(input.container_id)
	input.exec_id == input.container_id
	not is_live(input.container_id)
}

# The agent unpacks the image below the container's own id, whatever the path of the root says.
c05 if {
	input.OCI.Root.Path == concat("", ["/run/kata-containers/", input.container_id, "/rootfs"])
	endswith(annotations["io.katacontainers.pkg.oci.bundle_path"], concat("", ["/", input.container_id]))
}

c06 if {
	input.OCI.Version in policy_data.settings.oci_versions
	regex.match("^[A-Za-z0-9_.:/@-]{0,512}$", linux.CgroupsPath)
	indexof(linux.CgroupsPath, "..") == -1
	regex.match("^[A-Za-z0-9.-]{0,253}$", input.OCI.Hostname)
}

c07 if {
	is_container_id(sandbox_id)
	fits_pin("sandbox_id", sandbox_id)
	fits_pin("sandbox_name", sandbox_name)
	fits_pin("namespace", namespace)
}
`
