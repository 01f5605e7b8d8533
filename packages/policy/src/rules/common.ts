/** Helpers that several endpoints share: state, lists, values of the policy, ports. */
export const COMMON_RULES: string = String.raw`
# -- State. Keys: "c:<container id>" -> index in the policy, "i:<index>" -> container id, and pins, which are set by
# the first request that names them: sandbox_id, sandbox_name, namespace, netns, created.

container_key(id) := concat("", ["c:", id])

instance_key(index) := concat("", ["i:", format_int(index, 10)])

is_live(id) if data.pstate[container_key(id)] >= 0

has_instance(index) if is_string(data.pstate[instance_key(index)])

is_pinned(key) if is_string(data.pstate[key])

# The value is the pinned one, or will be.
fits_pin(key, value) if {
	is_string(value)
	not is_pinned(key)
}

fits_pin(key, value) if data.pstate[key] == value

pin_ops(key, value) := [{"op": "add", "path": concat("/", ["/pstate", key]), "value": value}] if not is_pinned(key)

pin_ops(key, _) := [] if is_pinned(key)

is_container_id(id) if regex.match("^[0-9a-f]{64}$", id)

# -- Lists and values. A negated builtin is true when the builtin fails, so builtins stand in positive form; and a list
# is asked for its type first, because "every" holds for some values that are no lists.

is_list(value) if type_name(value) == "array"

is_object_value(value) if type_name(value) == "object"

as_set(list) := {element | some element in list}

is_unique(list) if {
	is_list(list)
	count(as_set(list)) == count(list)
}

# A value of the policy is a text, which must be equal, or a pattern.
matches(expected, text) if {
	is_string(expected)
	expected == text
}

matches(expected, text) if regex.match(expected.pattern, text)

has_no_part(path, unwanted) if {
	parts := split(path, "/")
	count([part | some part in parts; part in unwanted]) == 0
}

# -- Ports that carry standard streams past ReadStream and WriteStream (runtimes with file descriptor passing).

ports_allowed if {
	stdin_port_allowed
	output_port_allowed(input.stdout_port)
	output_port_allowed(input.stderr_port)
}

stdin_port_allowed if input.stdin_port == 0

stdin_port_allowed if {
	policy_data.settings.stdin == true
	policy_data.settings.fd_passing == true
	input.stdin_port >= 0
}

output_port_allowed(port) if port == 0

output_port_allowed(port) if {
	policy_data.settings.logs == true
	policy_data.settings.fd_passing == true
	port >= 0
}
`
