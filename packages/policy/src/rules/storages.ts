/** CreateContainer: conditions on the storages behind the root and the mounts (C30 to C35). */
export const STORAGE_RULES: string = String.raw`
# -- Storages, by driver.

image_storages := [storage | some storage in input.storages; storage.driver == "image_guest_pull"]

# The image, as C30 allows no second one.
image_storage := image_storages[0] if count(image_storages) == 1

ephemeral_storages := [storage | some storage in input.storages; storage.driver == "ephemeral"]

block_storages := [storage | some storage in input.storages; storage.driver in {"blk", "scsi"}]

entries_of(p, class) := [entry | some entry in p.storages; entry.class == class]

expected_count(entries) := sum([entry.count | some entry in entries])

c30(p) if {
	is_list(input.storages)
	count(image_storages) == 1
	count(ephemeral_storages) == expected_count(entries_of(p, "ephemeral"))
	count(block_storages) == expected_count(entries_of(p, "block"))
	count(input.storages) == (count(image_storages) + count(ephemeral_storages)) + count(block_storages)
}

# The agent pulls what "source" names, unless the metadata in the option says sandbox: then it unpacks the pause image
# of the guest. So both are checked, and neither the OCI annotations nor the mount point stand in for them.
c31 if {
	image_storage.fstype == "overlay"
	image_storage.options == []
	image_storage.fs_group == null
	image_storage.shared == false
	image_storage.mount_point == input.OCI.Root.Path
	object.keys(pull_option) == {"metadata"}
	is_object_value(pull_option.metadata)
}

pull_option := option if {
	count(image_storage.driver_options) == 1
	startswith(image_storage.driver_options[0], "image_guest_pull=")
	option := json.unmarshal(trim_prefix(image_storage.driver_options[0], "image_guest_pull="))
}

c32(p) if p.type == "sandbox"

c32(p) if {
	p.type == "container"
	names_image(image_storage.source, p.image.digest)
	names_image(object.get(annotations, "io.kubernetes.cri.image-name", image_storage.source), p.image.digest)
	pull_option.metadata["io.kubernetes.cri.container-type"] == "container"
	object.get(pull_option.metadata, "io.kubernetes.cri-o.ContainerType", null) == null
}

names_image(reference, digest) if {
	parts := split(reference, "@")
	count(parts) == 2
	parts[0] != ""
	parts[1] == digest
}

c33(p) if p.type == "container"

c33(p) if {
	p.type == "sandbox"
	image_storage.source == p.image.guest
	pull_option.metadata["io.kubernetes.cri.container-type"] == "sandbox"
}

c34(p) if {
	every storage in ephemeral_storages {
		count([entry | some entry in entries_of(p, "ephemeral"); is_ephemeral(entry, storage)]) == 1
	}
	every entry in entries_of(p, "ephemeral") {
		count([storage | some storage in ephemeral_storages; is_ephemeral(entry, storage)]) == entry.count
	}
}

is_ephemeral(entry, storage) if {
	storage.source == entry.source
	storage.fstype == entry.fstype
	storage.options == entry.options
	storage.mount_point == entry.mount_point
	storage.shared == entry.shared
	storage.driver_options == []
	storage.fs_group == null
}

c35(p) if {
	every storage in block_storages {
		count([entry | some entry in entries_of(p, "block"); is_block(entry, storage)]) == 1
	}
	every entry in entries_of(p, "block") {
		count([storage | some storage in block_storages; is_block(entry, storage)]) == entry.count
	}
	mount_points := {storage.mount_point | some storage in block_storages}
	every mount in mounts {
		alternatives := mount_alternatives(p, mount)
		blocks := [alternative | some alternative in alternatives; alternative.source.storage == "block"]
		block_source_allowed(blocks, mount.source, mount_points)
	}
}

block_source_allowed(alternatives, _, _) if count(alternatives) == 0

block_source_allowed(_, source, mount_points) if source in mount_points

is_block(entry, storage) if {
	block_address_allowed(storage)
	storage.mount_point == concat("", [block_directory, base64url.encode(storage.source)])
	storage.fstype == entry.fstype
	storage.options == entry.options
	storage.driver_options == entry.driver_options
	storage.fs_group == entry.fs_group
	storage.shared == entry.shared
}

block_address_allowed(storage) if {
	storage.driver == "blk"
	regex.match("^[0-9a-f]{2}(/[0-9a-f]{2})?$", storage.source)
}

block_address_allowed(storage) if {
	storage.driver == "scsi"
	regex.match("^[0-9]{1,4}:[0-9]{1,4}$", storage.source)
}
`
