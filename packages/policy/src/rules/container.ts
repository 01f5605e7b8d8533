/** CreateContainer: conditions on one container of the policy that name it and fence it in (C08 to C15). */
export const CONTAINER_RULES: string = String.raw`
# -- One container of the policy: p, with its index. It fits if nothing here refuses it.

container_refusals(p, index) := union({
	{number | number := "C08"; not c08(p)},
	{number | number := "C11"; not c11(index)},
	{number | number := "C12"; not c12(p)},
	{number | number := "C13"; not c13},
	{number | number := "C14"; not c14(p)},
	{number | number := "C15"; not c15(p)},
	{number | number := "C16"; not c16(p)},
	{number | number := "C17"; not c17(p)},
	{number | number := "C18"; not c18(p)},
	{number | number := "C19"; not c19(p)},
	{number | number := "C20"; not c20(p)},
	{number | number := "C21"; not c21(p)},
	{number | number := "C22"; not c22(p)},
	{number | number := "C23"; not c23(p)},
	{number | number := "C24"; not c24(p)},
	{number | number := "C25"; not c25(p)},
	{number | number := "C26"; not c26(p)},
	{number | number := "C27"; not c27(p)},
	{number | number := "C30"; not c30(p)},
	{number | number := "C31"; not c31},
	{number | number := "C32"; not c32(p)},
	{number | number := "C33"; not c33(p)},
	{number | number := "C34"; not c34(p)},
	{number | number := "C35"; not c35(p)},
})

c08(p) if {
	is_list(linux.Namespaces)
	types := [namespace_type(entry) | some entry in linux.Namespaces]
	count(types) == count(linux.Namespaces)
	is_unique(types)
	as_set(types) - {"cgroup", "network"} == as_set(p.namespaces)
	every entry in linux.Namespaces {
		namespace_path_allowed(entry)
	}
	fits_pin("netns", netns)
}

namespace_type(entry) := "mount" if entry.Type == "mnt"

namespace_type(entry) := entry.Type if entry.Type in {"ipc", "uts", "mount", "cgroup", "network"}

namespace_path_allowed(entry) if entry.Path == ""

namespace_path_allowed(entry) if {
	entry.Type == "network"
	regex.match("^(/[A-Za-z0-9_.-]{1,64}){1,8}$", entry.Path)
	has_no_part(entry.Path, {".", ".."})
}

network_paths := [entry.Path | some entry in linux.Namespaces; entry.Type == "network"]

netns := "" if count(network_paths) == 0

netns := network_paths[0] if count(network_paths) == 1

c10(p) if {
	p.type == "sandbox"
	annotations["io.kubernetes.cri.container-type"] == "sandbox"
	annotations["io.katacontainers.pkg.oci.container_type"] == "pod_sandbox"
	object.get(annotations, "io.kubernetes.cri.container-name", null) == null
}

c10(p) if {
	p.type == "container"
	annotations["io.kubernetes.cri.container-type"] == "container"
	annotations["io.katacontainers.pkg.oci.container_type"] == "pod_container"
	annotations["io.kubernetes.cri.container-name"] == p.name
}

c11(index) if not has_instance(index)

c12(p) if {
	p.type == "sandbox"
	sandbox_id == input.container_id
	log_directory_allowed(object.get(annotations, "io.kubernetes.cri.sandbox-log-directory", null))
	cni_namespace_allowed(object.get(annotations, "nerdctl/network-namespace", null))
}

c12(p) if {
	p.type == "container"
	object.get(annotations, "io.kubernetes.cri.sandbox-log-directory", null) == null
	object.get(annotations, "nerdctl/network-namespace", null) == null
}

uuid_form := "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

log_directory_allowed(path) if path == null

log_directory_allowed(path) if {
	is_string(path)
	prefix := concat("", ["/var/log/pods/", namespace, "_", sandbox_name, "_"])
	startswith(path, prefix)
	regex.match(concat("", ["^", uuid_form, "$"]), trim_prefix(path, prefix))
}

cni_namespace_allowed(path) if path == null

cni_namespace_allowed(path) if {
	is_string(path)
	policy_data.sandbox.host_network == false
	regex.match(concat("", ["^/var/run/netns/cni-", uuid_form, "$"]), path)
}

cni_namespace_allowed(path) if {
	is_string(path)
	policy_data.sandbox.host_network == true
	regex.match(concat("", ["^/var/run/netns/cnitest-", uuid_form, "$"]), path)
}

c13 if {
	matches(policy_data.sandbox.name, sandbox_name)
	matches(policy_data.sandbox.namespace, namespace)
}

c14(p) if {
	is_object_value(annotations)
	every key, value in annotations {
		annotation_allowed(p, key, value)
	}
}

annotation_allowed(_, key, value) if {
	startswith(key, "io.kubernetes.cri.")
	is_string(value)
}

annotation_allowed(_, key, value) if {
	key in {
		"io.katacontainers.pkg.oci.bundle_path",
		"io.katacontainers.pkg.oci.container_type",
		"nerdctl/network-namespace",
	}
	is_string(value)
}

annotation_allowed(p, key, value) if p.annotations[key] == value

annotation_allowed(_, key, value) if {
	key == "io.kubernetes.container.terminationMessagePolicy"
	value in {"File", "FallbackToLogsOnError"}
}

c15(p) if input.sandbox_pidns == p.pidns
`
