# fields.awk - does every field of every fault mean what it says?
#
# awk -f fields.awk tracee.out LINES: what tracee said of its faults, and the text of the events,
# lines like address=...; prints what is wrong.

function hex(text,   i, n) {
	n = 0
	for (i = 3; i <= length(text); i++)
		n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
	return n
}

function wrong(what) {
	if (++problems <= 20)
		print "# " what ", in: " $0
}

function is(name, pattern) {
	if (value[name] !~ "^(" pattern ")$")
		wrong(name " is not like '" pattern "'")
}

function true(fact, what) {
	if (!fact)
		wrong("not true: " what)
}

function no_file() {
	is("offset", "0x0")
	is("device", "0:0")
	is("inode", "0")
}

# The mapping of this place begins so far into the file.
function file(start) {
	is("inode", inode)
	is("device", device)
	true(hex(value["offset"]) == start + address - first[place], "offset is that in the file")
}

# By user code, in the functions that touch memory.
function by_user() {
	is("origin", "user")
	true(ip >= first["code"] && ip < end["code"], "ip is in the code that touches memory")
	is("flags", "0x.*[4567cdef].") # FAULT_FLAG_USER
}

# The last digit has FAULT_FLAG_WRITE; there is memory of its own after it.
function a_write() {
	is("flags", "0x.*[13579bdf]")
	is("after", "present/1/write.young.dirty")
	is("pages", "1")
}

# Some hardware notes an access to a zero page, other need not.
function a_read() {
	is("flags", "0x.*[02468ace]")
	is("class", "zero")
	is("after", "present/1/(young.)?zero.*")
	no_file()
}

FILENAME == ARGV[1] {
	if ($1 == "file") {
		inode = $2
		device = $3
		offset = $4
	} else if (NF == 4) {
		first[$1] = hex($2)
		end[$1] = hex($3)
		due[$1] = $4
	}
	next
}

{
	split("", value)
	for (i = 1; i <= NF; i++)
		value[substr($i, 1, index($i, "=") - 1)] = substr($i, index($i, "=") + 1)
	address = hex(value["address"])
	ip = hex(value["ip"])
	split(value["vma"], vma, "-")

	true(NF == 17, "there are 17 fields")
	true(address >= hex(vma[1]) && address < hex(vma[2]), "the mapping holds the address")
	true(value["took_ns"] > 0 && value["took_ns"] + 0 >= value["asleep_ns"] + 0, "took_ns is at least asleep_ns")
	true(value["tables"] ~ /^[0-4]$/, "at most four tables")
	true(value["retries"] ~ /^[0-9]$/, "few retries")

	place = "none"
	for (name in due)
		if (due[name] && address >= first[name] && address < end[name])
			place = name
	seen[place]++
	is("before", place == "cow-copy" && value["class"] != "zero" ? "present/1/.*zero.*" : "none/[1-4]/")
	if (place == "anon") {
		is("class", "anon")
		by_user(); a_write(); no_file()
	} else if (place == "first" || place == "zero" || place == "last") {
		by_user(); a_read()
	} else if (place == "cow-copy" && value["class"] == "zero") {
		by_user(); a_read()
		reads++
	} else if (place == "cow-copy") {
		is("class", "cow-copy")
		by_user(); a_write(); no_file()
	} else if (place == "shmem") {
		is("class", "shmem")
		by_user(); a_write(); file(offset)
	} else if (place == "kernel") {
		is("class", "anon")
		is("origin", "kernel")
		is("ip", "0xffff.*")
		a_write(); no_file()
	} else if (place == "gup") {
		is("class", "anon")
		is("origin", "gup")
		is("ip", "0x0")
		a_write(); no_file()
	} else if (place == "sigbus") {
		is("class", "sigbus")
		is("after", "unknown/0/") # nobody looks after a failure
		is("ret", "0x.*[2367abef]") # VM_FAULT_SIGBUS
		by_user(); file(offset + end["shmem"] - first["shmem"])
	} else {
		wrong("nothing was due there")
	}
}

END {
	for (name in due)
		if (due[name] != seen[name] + 0)
			print "# " name ": " due[name] " faults due, " seen[name] + 0 " seen"
	if (reads * 2 != due["cow-copy"])
		print "# cow-copy: " reads + 0 " reads of " due["cow-copy"]
}
