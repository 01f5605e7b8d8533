/** CreateContainer: conditions on the process of a container and what it sees of the kernel (C16 to C25). */
export const PROCESS_RULES: string = String.raw`
# -- The process.

c16(p) if {
	is_list(process.Args)
	count(process.Args) == count(p.process.args)
	every index, argument in process.Args {
		matches(p.process.args[index], argument)
	}
}

c17(p) if {
	process.Cwd == p.process.cwd
	process.Terminal == p.process.terminal
	process.NoNewPrivileges == p.process.no_new_privileges
	console_allowed
}

console_allowed if process.ConsoleSize == null

console_allowed if process.Terminal == true

c18(p) if is_user(process.User, p.process.user)

# The order of groups, and how often one is named, do not matter.
is_user(user, expected) if {
	user.UID == expected.uid
	user.GID == expected.gid
	is_list(user.AdditionalGids)
	as_set(user.AdditionalGids) == as_set(expected.groups)
}

c19(p) if {
	every kind in ["Bounding", "Effective", "Permitted"] {
		names := [trim_prefix(name, "CAP_") | some name in process.Capabilities[kind]]
		is_unique(names)
		count(names) == count(process.Capabilities[kind])
		as_set(names) == as_set(p.process.capabilities)
	}
	process.Capabilities.Ambient == []
	process.Capabilities.Inheritable == []
}

# -- The environment: pairs of name and value.

environment := [pair | some entry in process.Env; pair := environment_pair(entry)]

environment_pair(entry) := [parts[0], concat("=", array.slice(parts, 1, count(parts)))] if {
	parts := split(entry, "=")
	count(parts) >= 2
	parts[0] != ""
}

environment_names := [pair[0] | some pair in environment]

environment_is_clear if {
	is_list(process.Env)
	count(environment) == count(process.Env)
	is_unique(environment_names)
}

c20(p) if {
	environment_is_clear
	every name, value in p.env.fixed {
		[name, value] in environment
	}
	every pair in environment {
		variable_allowed(p, pair[0], pair[1], sandbox_name, namespace)
	}
}

variable_allowed(p, name, value, _, _) if p.env.fixed[name] == value

variable_allowed(p, name, value, _, _) if regex.match(p.env.patterns[name], value)

variable_allowed(p, name, value, pod_name, _) if {
	name in p.env.sandbox_name
	value == pod_name
}

variable_allowed(p, name, value, _, pod_namespace) if {
	name in p.env.namespace
	value == pod_namespace
}

variable_allowed(p, name, value, _, _) if {
	not is_listed(p, name)
	runtime_variable_allowed(p, name, value)
}

# What image or pod spec define is never taken for a variable of the runtime.
is_listed(p, name) if name in object.keys(p.env.fixed)

is_listed(p, name) if name in object.keys(p.env.patterns)

is_listed(p, name) if name in p.env.sandbox_name

is_listed(p, name) if name in p.env.namespace

runtime_variable_allowed(p, name, value) if {
	p.env.hostname == true
	name == "HOSTNAME"
	regex.match("^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$", value)
}

runtime_variable_allowed(p, name, value) if {
	p.env.hostname == true
	some form in kubernetes_variables
	regex.match(form.name, name)
	regex.match(form.value, value)
}

runtime_variable_allowed(p, name, value) if {
	p.env.services == true
	some form in service_variables
	regex.match(form.name, name)
	regex.match(form.value, value)
}

# -- Limits, profiles, the root, the kernel's files, devices.

c21(p) if {
	rlimits_allowed
	apparmor_allowed(p)
}

rlimits_allowed if {
	is_list(process.Rlimits)
	every limit in process.Rlimits {
		limit in policy_data.settings.rlimits
	}
}

apparmor_allowed(_) if process.ApparmorProfile in policy_data.settings.apparmor_profiles

apparmor_allowed(p) if {
	p.privileged == true
	process.ApparmorProfile == "unconfined"
}

c22(p) if {
	input.OCI.Root.Readonly == p.root_readonly
	linux.RootfsPropagation == p.root_propagation
}

# A path of the image that is masked would be a file that the host blanks out: extras lie in /proc and /sys only.
c23(p) if {
	is_list(linux.MaskedPaths)
	is_list(linux.ReadonlyPaths)
	masked := as_set(linux.MaskedPaths)
	protected := masked | as_set(linux.ReadonlyPaths)
	count(as_set(p.masked) - masked) == 0
	count(as_set(p.readonly) - protected) == 0
	every path in protected - (as_set(p.masked) | as_set(p.readonly)) {
		regex.match("^/(proc|sys)(/[A-Za-z0-9_.-]+)+$", path)
		has_no_part(path, {".", ".."})
	}
}

c24(p) if {
	is_object_value(linux.Sysctl)
	every name, value in linux.Sysctl {
		sysctl_allowed(p, name, value)
	}
	every name, value in p.sysctls.required {
		linux.Sysctl[name] == value
	}
}

sysctl_allowed(p, name, value) if p.sysctls.allowed[name] == value

sysctl_allowed(p, name, value) if p.sysctls.required[name] == value

c25(p) if {
	is_list(linux.Devices)
	is_list(input.devices)
	every device in linux.Devices {
		device.Path in p.devices
		device.Type == "b"
	}
	every device in input.devices {
		device.container_path in p.devices
		device.type_ in {"blk", "scsi", "mmioblk", "blk-ccw"}
	}
	is_unique([device.container_path | some device in input.devices])
	as_set(p.devices) == {device.Path | some device in linux.Devices}
	as_set(p.devices) == {device.container_path | some device in input.devices}
}
`
