// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "labs/harness.h"
#include "unit.h"

static struct lab lab;

/* A lab that went well. */
static void start(void)
{
	memset(&lab, 0, sizeof(lab));
	lab.vmtrace = true;
	lab.steps = 3;
	lab.step[0] = (struct lab_step){ "start", { 400, 1 }, { 400, 1 }, LAB_ANY, "" };
	lab.step[1] = (struct lab_step){ "first", { 256, 0 }, { 256, 0 }, 256, "" };
	lab.step[2] = (struct lab_step){ "second", { 0, 0 }, { 0, 0 }, 0, "" };
	lab.first.vmtrace.missed = 9;
	lab.last.vmtrace.missed = 9;
}

static void check_fails(const char *why)
{
	CHECK(!lab_judge(&lab));
	if (!strstr(lab.reason, why)) {
		printf("# \"%s\" lacks \"%s\"\n", lab.reason, why);
		unit_failures++;
	}
}

static void agreement_passes(void)
{
	start();
	CHECK(lab_judge(&lab));
	CHECK(strstr(lab.reason, "agree at every step") != NULL);
	CHECK(lab_judge(&lab));
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
	lab.step[1].predicted = 257;
	check_fails("'first' took 256 faults where 257 were predicted");
	start();
	lab.step[2].rusage.major = lab.step[2].vmtrace.major = 1;
	check_fails("'second' took 1 faults where 0 were predicted");
}

static void any_loss_fails(void)
{
	start();
	lab.last.vmtrace.missed++;
	check_fails("missed grew by 1");
	start();
	lab.last.vmtrace.unobserved += 2;
	check_fails("unobserved grew by 2");
	start();
	lab.last.vmtrace.dropped++;
	check_fails("dropped grew by 1");
	start();
	lab.noise = 3;
	check_fails("measuring itself took 3 faults");
}

static void no_module_fails(void)
{
	start();
	lab.vmtrace = false;
	check_fails("vmtrace could not be read");
	CHECK(strstr(lab.reason, "disagree") == NULL);
}

static void many_reasons_fit(void)
{
	start();
	lab.steps = LAB_STEPS;
	for (int i = 0; i < LAB_STEPS; i++)
		lab.step[i] = (struct lab_step){ "a rather long name for one step of a lab",
						 { i, 0 },
						 { 1 + i, 0 },
						 1 + i,
						 "" };
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
	RUN(any_loss_fails);
	RUN(no_module_fails);
	RUN(many_reasons_fit);
	RUN(counts_have_plurals);
	return 0;
}
