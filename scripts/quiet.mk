# SPDX-License-Identifier: GPL-2.0
# Output in the manner of the kernel's build: one line for each step, the whole commands
# with V=1, nothing with make -s. A recipe begins with $(call say,CC,show.o), and its
# commands with $(Q).
Q := $(if $(filter 1,$(V)),,@)
silent := $(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
say = $(if $(Q),$(if $(silent),,@printf '  %-7s %s\n' '$(1)' '$(2)'))
