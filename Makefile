# SPDX-License-Identifier: GPL-2.0
# `make help` lists what can be made.

KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local

.PHONY: all modules user install modules_install clean help demo lab test test-debug bench check

all: modules user

modules:
	@test -e "$(KDIR)/Makefile" || { \
		echo "vmtrace: no kernel headers in $(KDIR): try: sudo apt install linux-headers-$$(uname -r)," \
		     "or name a build directory: make KDIR=DIR" >&2; exit 1; }
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" modules

user:
	$(MAKE) -C user

modules_install: modules
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" $(if $(DESTDIR),INSTALL_MOD_PATH="$(DESTDIR)") modules_install

install: user
	$(MAKE) -C user install DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)"

clean:
	rm -rf build tests/bench/probes/build .tmp_versions vmtrace.ko vmtrace.o vmtrace.mod vmtrace.mod.[co] \
		Module.symvers modules.order .*.cmd module/*.o module/.*.cmd
	$(MAKE) -C user clean

demo:
	scripts/demo

test:
	tests/run

test-debug:
	tests/run 6.1-debug-amd64

lab:
	scripts/lab $(NAME)

bench:
	tests/bench/run $(BENCH)

check:
	scripts/check

help:
	@echo 'make                  vmtrace.ko for the running kernel, and the tool user/vmtrace'
	@echo 'make modules          vmtrace.ko alone; KDIR=DIR for another kernel, ARCH and'
	@echo '                      CROSS_COMPILE as for the kernel itself'
	@echo 'make user             the tool alone; CC, CROSS_COMPILE, STATIC=1'
	@echo 'make install          the tool, its manual and completion; DESTDIR, PREFIX'
	@echo 'make modules_install  vmtrace.ko below /lib/modules; DESTDIR'
	@echo 'make demo             boot a guest, load the module, measure malloc and memset'
	@echo 'make lab              all labs in a guest; NAME=lazy one of them; KERNEL=7.2'
	@echo 'make test             all tests, on the host and in guests'
	@echo '                      KERNELS="6.1-amd64 7.2-arm64" chooses the guests, REQUIRE="..."'
	@echo '                      those that must not be skipped'
	@echo 'make test-debug       the guest tests on a kernel that looks for mistakes, built here'
	@echo 'make bench            what the module costs, in instructions, and other tools beside it:'
	@echo '                      an hour; BENCH="--part cost 6.1-amd64" for less, and'
	@echo '                      tests/bench/run --help for more'
	@echo 'make check            the checks of the source: checkpatch, sparse and others'
	@echo 'make clean            remove what was built'
	@echo
	@echo 'demo, lab, test, bench and check install what they lack on Debian 12 and 13, for root,'
	@echo 'after saying what; elsewhere they list it: scripts/setup --help'
