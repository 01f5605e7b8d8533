/** UpdateInterface, UpdateRoutes, AddARPNeighbors (N1 to N10): the host configures its network, never loopback. */
export const NETWORK_RULES: string = String.raw`
# -- UpdateInterface

UpdateInterfaceRequest if count(update_interface_refusals) == 0

UpdateInterfaceRequest if {
	print("UpdateInterfaceRequest:", concat(" ", sort([number | some number in update_interface_refusals])))
	false
}

update_interface_refusals contains "N1" if not n1

update_interface_refusals contains "N2" if not n2

update_interface_refusals contains "N3" if not n3

update_interface_refusals contains "N4" if not n4

update_interface_refusals contains "N5" if not n5

n1 if {
	input.interface.name != ""
	device_allowed(input.interface.name)
	device_allowed(input.interface.device)
}

n2 if {
	hardware_address_allowed(input.interface.hwAddr)
	input.interface.hwAddr != "00:00:00:00:00:00"
}

# 128 is NOARP.
n3 if input.interface.raw_flags in {0, 128}

n4 if {
	is_list(input.interface.IPAddresses)
	count(input.interface.IPAddresses) <= 64
	every entry in input.interface.IPAddresses {
		address_allowed(entry.address)
	}
}

n5 if regex.match("^([0-9a-f]{2}(/[0-9a-f]{2}){0,7})?$", input.interface.devicePath)

# -- UpdateRoutes

UpdateRoutesRequest if count(update_routes_refusals) == 0

UpdateRoutesRequest if {
	print("UpdateRoutesRequest:", concat(" ", sort([number | some number in update_routes_refusals])))
	false
}

routes := input.routes.Routes

update_routes_refusals contains "N6" if not n6

update_routes_refusals contains "N7" if not n7

update_routes_refusals contains "N8" if not n8

n6 if {
	is_list(routes)
	every route in routes {
		device_allowed(route.device)
	}
}

n7 if {
	is_list(routes)
	every route in routes {
		source_allowed(route.source)
	}
}

n8 if {
	is_list(routes)
	count(routes) <= 256
	every route in routes {
		destination_allowed(route.dest)
	}
}

source_allowed(source) if source == ""

source_allowed(source) if address_allowed(source)

destination_allowed(destination) if source_allowed(destination)

destination_allowed(destination) if {
	parts := split(destination, "/")
	count(parts) == 2
	address_allowed(parts[0])
	regex.match("^[0-9]{1,3}$", parts[1])
}

# -- AddARPNeighbors

AddARPNeighborsRequest if count(add_arp_neighbors_refusals) == 0

AddARPNeighborsRequest if {
	print("AddARPNeighborsRequest:", concat(" ", sort([number | some number in add_arp_neighbors_refusals])))
	false
}

add_arp_neighbors_refusals contains "N10" if not n10

# State 2 is reachable, 128 permanent; flag 8 is proxy, 128 router.
n10 if {
	is_list(input.neighbors.ARPNeighbors)
	count(input.neighbors.ARPNeighbors) <= 1024
	every neighbor in input.neighbors.ARPNeighbors {
		device_allowed(neighbor.device)
		address_allowed(neighbor.toIPAddress.address)
		neighbor.toIPAddress.mask == ""
		neighbor.state in {2, 128}
		neighbor.flags in {0, 8, 128, 136}
		hardware_address_allowed(neighbor.lladdr)
	}
}

# -- Names and addresses

device_allowed(name) if name == ""

device_allowed(name) if {
	regex.match("^[A-Za-z0-9_.-]{1,15}$", name)
	name != "lo"
}

hardware_address_allowed(address) if regex.match("^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$", address)

# N9: an address that is not loopback, in a spelling that has one reading.
address_allowed(address) if {
	regex.match("^(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}$", address)
	bytes := [to_number(part) | some part in split(address, ".")]
	max(bytes) <= 255
	bytes[0] != 127
}

address_allowed(address) if {
	regex.match("^[0-9a-fA-F:]{2,39}$", address)
	groups := split(lower(address), ":")
	count(groups) >= 3
	leading := array.slice(groups, 0, count(groups) - 1)
	not_loopback(leading, groups[count(groups) - 1])
	not_mapped_loopback([group | some group in groups; regex.match("^0*(f{4})?$", group) == false])
}

not_loopback(leading, _) if {
	some group in leading
	regex.match("^0*[1-9a-f][0-9a-f]*$", group)
}

not_loopback(_, last) if regex.match("^(0*|0*[1-9a-f][0-9a-f]+|0*[2-9a-f])$", last)

# IPv4 addresses in IPv6 form: the first group that is neither zero nor ffff holds the first two bytes.
not_mapped_loopback(groups) if count(groups) == 0

not_mapped_loopback(groups) if regex.match("^0*(7f[0-9a-f]{2})$", groups[0]) == false
`
