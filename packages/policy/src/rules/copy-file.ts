/** CopyFile (F1 to F5): what the host may put below the directory of shared files, and nowhere else. */
export const COPY_FILE_RULES: string = String.raw`
# -- CopyFile: content of ConfigMaps, Secrets, tokens and host files. The bytes are never shown.

CopyFileRequest if count(copy_file_refusals) == 0

CopyFileRequest if {
	print("CopyFileRequest:", concat(" ", sort([number | some number in copy_file_refusals])))
	false
}

copy_file_refusals contains "F1" if not f1

copy_file_refusals contains "F2" if {
	input.file_type == "Regular"
	not f2
}

copy_file_refusals contains "F4" if {
	input.file_type == "Symlink"
	not f4
}

copy_file_refusals contains "F5" if not f5

# A path of 4096 bytes has a base64 form of 5464 characters; counting the path itself would count characters.
f1 if {
	regex.match(
		"^/run/kata-containers/shared/containers/((passthrough|watchable)/)?[0-9a-f]{64}-[0-9a-f]{16}-[^/\\x00-\\x1f\\x7f]+(/[^/\\x00-\\x1f\\x7f]+)*$",
		input.path,
	)
	has_no_part(input.path, {".", ".."})
	count(base64.encode(input.path)) <= 5464
}

# 3072 are the set-user-id and set-group-id bits.
f2 if {
	bits.and(input.file_mode, 3072) == 0
	input.offset >= 0
	input.offset <= input.file_size
	input.file_size <= 67108864
}

# A symbolic link stays below the top entry of a volume, and points to a place below its own directory.
f4 if {
	below_top := split(trim_prefix(input.path, share_directory), "/")
	count([part | some part in below_top; not part in {"passthrough", "watchable"}]) >= 2
	regex.match("^[^/\\x00-\\x1f\\x7f][^\\x00-\\x1f\\x7f]*$", input.symlink_target)
	has_no_part(input.symlink_target, {".."})
}

f5 if input.file_type in {"Regular", "Directory", "Symlink"}
`
