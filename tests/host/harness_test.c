// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "core/format.h"
#include "core/record.h"
#include "labs/lib/lab.h"
#include "labs/lib/lab_report.h"
#include "labs/lib/steps.h"
#include "unit.h"

static struct lab lab;

/* A lab that went well. */
static void start(void)
{
	memset(&lab, 0, sizeof(lab));
	lab.vmtrace = true;
	lab.steps = 3;
	for (int i = 0; i < lab.steps; i++) {
		struct lab_step *step = &lab.step[i];

		step->vmtrace_known = step->kinds_known = true;
		snprintf(step->name, sizeof(step->name), "step %d", i);
	}
	lab.step[0].rusage = lab.step[0].vmtrace = (struct lab_count){ 400, 1 };
	lab.step[1].rusage = lab.step[1].vmtrace = lab.step[1].due = (struct lab_count){ 256, 0 };
	lab.step[1].kinds.class[VMTRACE_CLASS_ANON] = 256;
	lab.step[1].kinds.origin[VMTRACE_ORIGIN_USER] = 256;
	lab.step[1].due_kinds = lab.step[1].kinds;
	lab.step[1].predicted = lab.step[2].predicted = true;
	lab.facts = 2;
	lab.fact[0] = (struct lab_fact){ 1, "entry", "none", "none" };
	lab.fact[1] = (struct lab_fact){ 1, "note", "", "anything" };
}

static void check_fails(const char *why)
{
	CHECK_EQUAL(lab_judge(&lab), EXIT_FAILED);
	if (!strstr(lab.reason, why)) {
		printf("# \"%s\" lacks \"%s\"\n", lab.reason, why);
		unit_failures++;
	}
}

static void agreement_passes(void)
{
	start();
	CHECK_EQUAL(lab_judge(&lab), EXIT_DONE);
	CHECK(strstr(lab.reason, "agree at every step") != NULL);
	CHECK_EQUAL(lab_judge(&lab), EXIT_DONE);
}

static void any_disagreement_fails(void)
{
	for (int i = 0; i < 3; i++) {
		start();
		lab.step[i].vmtrace.minor++;
		check_fails("disagree");
		check_fails(lab.step[i].name);
		start();
		lab.step[i].vmtrace.major++;
		check_fails("disagree");
	}
	/* The same sum of another kind is another number. */
	start();
	lab.step[0].vmtrace = (struct lab_count){ 401, 0 };
	check_fails("disagree");
}

static void any_failed_prediction_fails(void)
{
	start();
	lab.step[1].due.minor = 257;
	check_fails("'step 1' took 256 faults (0 major), but 257 (0 major) were predicted");
	start();
	lab.step[2].rusage.major = lab.step[2].vmtrace.major = 1;
	check_fails("'step 2' took 1 faults (1 major), but 0 (0 major) were predicted");
	start();
	lab.step[1].kinds.class[VMTRACE_CLASS_ANON] = 255;
	lab.step[1].kinds.class[VMTRACE_CLASS_ZERO] = 1;
	check_fails("'step 1': 255 anon, 1 zero, but 256 anon were predicted");
	start();
	lab.step[1].kinds.origin[VMTRACE_ORIGIN_USER] = 253;
	lab.step[1].kinds.origin[VMTRACE_ORIGIN_KERNEL] = 3;
	check_fails("'step 1': 256 anon; 3 by kernel, but 256 anon were predicted");
	start();
	strcpy(lab.fact[0].measured, "swap");
	check_fails("entry: swap, but none was predicted");
}

static void predictions_add_up(void)
{
	memset(&lab, 0, sizeof(lab));
	lab.steps = 1;
	lab_predict(&lab, VMTRACE_CLASS_FILE_HIT, 15);
	lab_predict_major(&lab, VMTRACE_CLASS_FILE_MISS, 2);
	lab_predict(&lab, VMTRACE_CLASS_SIGBUS, 1);
	lab_predict_origin(&lab, VMTRACE_ORIGIN_GUP, 4);
	CHECK(lab.step[0].predicted);
	/* What failed is counted by nobody but vmtrace. */
	CHECK_EQUAL(lab.step[0].due.minor, 15);
	CHECK_EQUAL(lab.step[0].due.major, 2);
	CHECK_EQUAL(lab.step[0].due_kinds.class[VMTRACE_CLASS_SIGBUS], 1);
	CHECK_EQUAL(lab.step[0].due_kinds.origin[VMTRACE_ORIGIN_USER], 14);
	CHECK_EQUAL(lab.step[0].due_kinds.origin[VMTRACE_ORIGIN_GUP], 4);
}

static void any_loss_fails(void)
{
	start();
	lab.missed++;
	check_fails("missed increased by 1");
	start();
	lab.unobserved += 2;
	check_fails("unobserved increased by 2");
	start();
	lab.dropped++;
	check_fails("dropped increased by 1");
	start();
	lab.noise = 3;
	check_fails("the measurement itself took 3 faults");
}

static void who_may_be_to_blame_is_told(void)
{
	start();
	lab.moved = 7;
	CHECK_EQUAL(lab_judge(&lab), EXIT_DONE);
	lab.step[1].due.minor = 255;
	check_fails("meanwhile the kernel migrated 7 pages");
}

static void no_module_skips(void)
{
	start();
	lab.vmtrace = false;
	CHECK_EQUAL(lab_judge(&lab), EXIT_SKIPPED);
	CHECK(strstr(lab.reason, "vmtrace could not be read") != NULL);
	lab.step[1].due.minor = 255;
	check_fails("'step 1' took 256 faults");
	CHECK(strstr(lab.reason, "could not be read") == NULL);
}

static void many_reasons_fit(void)
{
	start();
	lab.steps = LAB_STEPS;
	for (int i = 0; i < LAB_STEPS; i++) {
		strcpy(lab.step[i].name, "a rather long name of a step");
		lab.step[i].vmtrace_known = lab.step[i].predicted = true;
		lab.step[i].vmtrace.minor = lab.step[i].rusage.minor + 1;
		lab.step[i].due.minor = 1000 + i;
	}
	check_fails("disagree");
	CHECK(strlen(lab.reason) < sizeof(lab.reason));
}

static void counts_have_plurals(void)
{
	CHECK_EQUAL(strcmp(lab_count_of(1, "page", "pages"), "1 page"), 0);
	CHECK_EQUAL(strcmp(lab_count_of(0, "page", "pages"), "0 pages"), 0);
	CHECK_EQUAL(strcmp(lab_count_of(2, "page", "pages"), "2 pages"), 0);
}

int main(void)
{
	RUN(agreement_passes);
	RUN(any_disagreement_fails);
	RUN(any_failed_prediction_fails);
	RUN(predictions_add_up);
	RUN(any_loss_fails);
	RUN(who_may_be_to_blame_is_told);
	RUN(no_module_skips);
	RUN(many_reasons_fit);
	RUN(counts_have_plurals);
	return 0;
}
