/** CreateSandbox (S1 to S6), StartContainer, RemoveContainer, ExecProcess (X1 to X9). */
export const LIFECYCLE_RULES: string = String.raw`
# -- CreateSandbox

CreateSandboxRequest := {"allowed": true, "ops": ops} if {
	count(create_sandbox_refusals) == 0
	ops := array.concat(
		[{"op": "add", "path": "/pstate/created", "value": "yes"}],
		pin_ops("sandbox_id", input.sandbox_id),
	)
}

CreateSandboxRequest := {"allowed": false} if {
	print("CreateSandboxRequest:", concat(" ", sort([number | some number in create_sandbox_refusals])))
	false
}

create_sandbox_refusals contains "S1" if is_pinned("created")

create_sandbox_refusals contains "S2" if not s2

create_sandbox_refusals contains "S3" if not s3

create_sandbox_refusals contains "S4" if not s4

create_sandbox_refusals contains "S5" if not s5

create_sandbox_refusals contains "S6" if not s6

s2 if {
	input.guest_hook_path == ""
	input.kernel_modules == []
}

s3 if input.sandbox_pidns == false

s3 if {
	input.sandbox_pidns == true
	policy_data.sandbox.pidns == true
}

s4 if input.storages == policy_data.sandbox.storages

s5 if {
	is_container_id(input.sandbox_id)
	fits_pin("sandbox_id", input.sandbox_id)
}

s6 if regex.match("^[A-Za-z0-9.-]{0,64}$", input.hostname)

# -- StartContainer

StartContainerRequest if is_live(input.container_id)

# -- RemoveContainer: an unknown id is cleaned up after a refused create. Pins stay.

RemoveContainerRequest := {"allowed": true, "ops": ops} if {
	is_container_id(input.container_id)
	is_live(input.container_id)
	ops := [
		{"op": "remove", "path": concat("/", ["/pstate", container_key(input.container_id)])},
		{"op": "remove", "path": concat("/", ["/pstate", instance_key(data.pstate[container_key(input.container_id)])])},
	]
}

RemoveContainerRequest := {"allowed": true, "ops": []} if {
	is_container_id(input.container_id)
	not is_live(input.container_id)
}

# -- ExecProcess: probes and lifecycle hooks of the pod spec, as the container's own user.

ExecProcessRequest if count(exec_process_refusals) == 0

ExecProcessRequest if {
	print("ExecProcessRequest:", concat(" ", sort([number | some number in exec_process_refusals])))
	false
}

executing := policy_data.containers[data.pstate[container_key(input.container_id)]]

exec_process_refusals contains "X1" if not x1

exec_process_refusals contains "X2" if not x2

exec_process_refusals contains "X3" if not x3

exec_process_refusals contains "X4" if not x4

exec_process_refusals contains "X5" if not x5

exec_process_refusals contains "X6" if not x6

exec_process_refusals contains "X7" if not x7

exec_process_refusals contains "X8" if not ports_allowed

exec_process_refusals contains "X9" if not x9

x1 if is_string(executing.name)

x2 if input.process.Args in executing.exec

x3 if input.process.Terminal == false

x4 if {
	input.process.Cwd == executing.process.cwd
	input.process.NoNewPrivileges == executing.process.no_new_privileges
	is_user(input.process.User, executing.process.user)
}

x5 if {
	is_list(input.process.Env)
	pairs := [pair | some entry in input.process.Env; pair := environment_pair(entry)]
	count(pairs) == count(input.process.Env)
	is_unique([pair[0] | some pair in pairs])
	every pair in pairs {
		variable_allowed(executing, pair[0], pair[1], data.pstate.sandbox_name, data.pstate.namespace)
	}
}

x6 if input.process.Capabilities == null

x6 if {
	every kind in ["Bounding", "Effective", "Inheritable", "Permitted", "Ambient"] {
		input.process.Capabilities[kind] == []
	}
}

x7 if {
	is_list(input.process.Rlimits)
	every limit in input.process.Rlimits {
		limit in policy_data.settings.rlimits
	}
	input.process.ApparmorProfile == ""
	input.process.SelinuxLabel == ""
	input.process.User.Username == ""
	input.process.ConsoleSize == null
	input.string_user == null
}

x9 if {
	regex.match("^[A-Za-z0-9_.-]{1,128}$", input.exec_id)
	not is_live(input.exec_id)
}
`
