# SPDX-License-Identifier: GPL-2.0
# `make help` lists what can be made.

KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local

MAKEFLAGS += --no-print-directory

include scripts/quiet.mk

.PHONY: all modules user user-if-possible install uninstall modules_install modules_uninstall clean \
	clean-cache help demo lab test test-all bench check

HEADERS := $(shell test -e "$(KDIR)/Makefile" && echo yes)
NO_HEADERS = echo "vmtrace: the module cannot be built without kernel headers, and $(KDIR) has none:" \
	"install linux-headers-$$(uname -r) (Debian, Ubuntu), kernel-devel-$$(uname -r) (Fedora) or" \
	"linux-headers (Arch), or name a build directory: make KDIR=DIR" >&2

# What can be built here is built, and what is missing for the rest is said at the end. That is
# a failure only if nothing can be built.
all: $(if $(HEADERS),modules) user-if-possible
	@$(if $(HEADERS),,$(NO_HEADERS);) user/needs $(if $(HEADERS),|| :)

user-if-possible:
	@user/needs --quiet || exit 0; $(MAKE) -C user

modules:
	@$(if $(HEADERS),,$(NO_HEADERS); exit 1)
	$(Q)$(MAKE) -C "$(KDIR)" M="$(CURDIR)" modules

user:
	$(Q)$(MAKE) -C user

install: user
	$(Q)$(MAKE) -C user install DESTDIR="$(ROOT)" PREFIX="$(PREFIX)"

uninstall:
	$(Q)$(MAKE) -C user uninstall DESTDIR="$(ROOT)" PREFIX="$(PREFIX)"

# A relative DESTDIR is one of this directory, not of those where make is called.
ROOT = $(if $(DESTDIR),$(shell realpath -m -- "$(DESTDIR)"))
# Where the kernel's modules_install puts a module. The headers say so, if they are still there.
# (Not include/config/kernel.release: Debian 12's has the version of the source.)
RELEASE = $(or $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' "$(KDIR)/include/generated/utsrelease.h" \
	2>/dev/null),$(if $(filter file,$(origin KDIR)),$(shell uname -r)))
MODULES = $(ROOT)/lib/modules/$(RELEASE)
MODULE_PLACES = $(or $(INSTALL_MOD_DIR),$\
	$(shell sed -n 's/^INSTALL_MOD_DIR ?= //p' "$(KDIR)/scripts/Makefile.modinst" 2>/dev/null),updates extra)
MODULE_DIRECTORIES = $(foreach place,$(MODULE_PLACES),"$(MODULES)/$(place)")

modules_install: modules
	$(Q)$(MAKE) -C "$(KDIR)" M="$(CURDIR)" $(if $(DESTDIR),INSTALL_MOD_PATH="$(ROOT)") modules_install

# Some kernels' modules are compressed.
modules_uninstall:
	@test -n "$(RELEASE)" || { echo "vmtrace: $(KDIR) does not say which kernel it is for:" \
		"name the build directory of the kernel: make modules_uninstall KDIR=DIR" >&2; exit 1; }
	$(call say,RM,$(MODULES)/*/vmtrace.ko)
	$(Q)rm -f $(foreach place,$(MODULE_PLACES),$(foreach suffix,ko ko.gz ko.xz ko.zst,$\
		"$(MODULES)/$(place)/vmtrace.$(suffix)"))
	$(Q)for dir in $(MODULE_DIRECTORIES); do test ! -d "$$dir" || rmdir --ignore-fail-on-non-empty "$$dir"; done
	$(if $(DESTDIR),,$(call say,DEPMOD,$(MODULES)))
	$(if $(DESTDIR),,$(Q)test ! -e "$(MODULES)/modules.order" || PATH=$$PATH:/sbin depmod "$(RELEASE)")

clean:
	$(call say,CLEAN,$(CURDIR))
	$(Q)rm -rf build tests/bench/probes/build tests/clock/build .tmp_versions vmtrace.ko vmtrace.o vmtrace.mod vmtrace.mod.[co] \
		Module.symvers modules.order .*.cmd module/*.o module/*/*.o module/.*.cmd module/*/.*.cmd
	$(Q)$(MAKE) -C user clean

clean-cache:
	@scripts/cache clean

demo:
	scripts/demo

test:
	tests/run

test-all:
	tests/run --all

lab:
	scripts/lab $(NAME)

bench:
	tests/bench/run $(BENCH)

check:
	scripts/check

help:
	@echo 'make                  vmtrace.ko for the running kernel, and the tool user/vmtrace:'
	@echo '                      what can be built here; V=1 shows the commands'
	@echo 'make modules          vmtrace.ko alone; KDIR=DIR for another kernel, ARCH and'
	@echo '                      CROSS_COMPILE as for the kernel itself'
	@echo 'make user             the tool alone; CC, CROSS_COMPILE, STATIC=1'
	@echo 'make install          the tool, its manual and completion; DESTDIR, PREFIX'
	@echo 'make uninstall        remove what make install put there; DESTDIR, PREFIX'
	@echo 'make modules_install, make modules_uninstall'
	@echo '                      vmtrace.ko below /lib/modules; KDIR, DESTDIR'
	@echo 'make demo             boot a guest, load the module, measure malloc and memset'
	@echo 'make lab              all labs in a guest; NAME=lazy one of them; KERNEL=7.2'
	@echo 'make test             the tests to run after a change, on the host and in guests'
	@echo 'make test-all         all tests, on all kernels'
	@echo 'make bench            what the module costs, in instructions, and other tools beside it:'
	@echo '                      an hour; BENCH="--part cost 6.1-amd64" for less, and'
	@echo '                      tests/bench/run --help for more'
	@echo 'make check            the checks of the source: style, warnings, sparse and others'
	@echo 'make clean            remove what was built here'
	@echo "make clean-cache      remove what was downloaded: $$(scripts/cache size 2>&1)"
	@echo
	@echo 'demo, lab, test, bench and check install what they lack on Debian 12 and 13, for root,'
	@echo 'after saying what; elsewhere they list it: scripts/setup --help'
