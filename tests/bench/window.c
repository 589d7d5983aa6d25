// SPDX-License-Identifier: GPL-2.0
/* window.c - see window.h */
#include <stdlib.h>
#include <string.h>

#include "marker.h"
#include "window.h"

PLUGIN_EXPORT int qemu_plugin_version = PLUGIN_VERSION;

static FILE *out;
/* Begins without an end. */
static unsigned int open_begins;

static void begin(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (!open_begins++)
		window_begin();
}

static void end(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (!open_begins || --open_begins)
		return;
	fputs("window\n", out);
	window_end(out);
	/* QEMU is killed once the guest has said how it ended. */
	if (fflush(out))
		abort();
}

static int is_marker(const struct qemu_plugin_insn *insn, uint16_t marker)
{
	const uint8_t x86[] = { MARKER_X86(marker) };
	const uint32_t arm64 = MARKER_ARM64((uint32_t)marker);
	uint8_t code[sizeof(x86)];
	size_t n = qemu_plugin_insn_data(insn, code, sizeof(code));

	return (n == sizeof(x86) && !memcmp(code, x86, n)) ||
	       (n == sizeof(arm64) && !memcmp(code, &arm64, n));
}

static void translated_program(struct qemu_plugin_tb *tb)
{
	struct qemu_plugin_insn *insn;
	size_t i;

	for (i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		if (is_marker(insn, MARKER_BEGIN))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, begin, QEMU_PLUGIN_CB_NO_REGS,
							       NULL);
		if (is_marker(insn, MARKER_END))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, end, QEMU_PLUGIN_CB_NO_REGS,
							       NULL);
	}
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	/* On both architectures the upper half of the addresses is the kernel's. */
	if (qemu_plugin_tb_vaddr(tb) >> 63)
		window_translated(tb);
	else
		translated_program(tb);
}

PLUGIN_EXPORT int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc,
				      char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fputs("want out=FILE\n", stderr);
		return 1;
	}
	out = fopen(argv[0] + 4, "w");
	if (!out) {
		perror(argv[0] + 4);
		return 1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
