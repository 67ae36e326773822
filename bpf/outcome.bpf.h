/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * How the system calls behind the checks ended. Costs something on every system call of the host,
 * so capmond attaches the sys_exit program only while it learns.
 */
#pragma once

#include "question.bpf.h"

#define OUTCOMES_POSSIBLE bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_storage_get)

static __always_inline void await_outcome(const struct capmon_check_key *key)
{
	struct pending_checks *waiting;
	const struct capmon_check_key *last;

	if (!OUTCOMES_POSSIBLE || !settings.watch_outcomes || key->syscall == CAPMON_NO_SYSCALL)
		return;
	waiting = bpf_task_storage_get(&pending, bpf_get_current_task_btf(), 0,
				       BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!waiting) {
		charge_task(current_task(), CAPMON_LOSS_OUTCOME);
		return;
	}
	/* Left behind by a call that never returned here, or whose end was not seen. */
	if (waiting->watch != settings.watch_outcomes ||
	    (waiting->count && waiting->keys[0].syscall != key->syscall))
		waiting->count = 0;
	if (!waiting->count)
		waiting->question = 0;
	waiting->watch = settings.watch_outcomes;
	if (waiting->count >= MAX_PENDING) {
		charge_task(current_task(), CAPMON_LOSS_OUTCOME);
		return;
	}
	if (waiting->count) {
		last = &waiting->keys[(waiting->count - 1) & (MAX_PENDING - 1)];
		if (last->site == key->site && last->capability == key->capability &&
		    last->granted == key->granted)
			return; /* asked twice: one outcome */
	}
	waiting->keys[waiting->count & (MAX_PENDING - 1)] = *key;
	waiting->count++;
}

/* -ERESTARTSYS and its family: the kernel will try again, nothing is decided. */
static __always_inline bool undecided(long result)
{
	return result <= -512 && result >= -516;
}

static __always_inline void settle(const struct capmon_check_key *key, long result, bool question)
{
	struct capmon_check_counts *counts = bpf_map_lookup_elem(&checks, key);

	if (!counts || undecided(result))
		return;
	if (question && key->capability == CAP_NET_ADMIN) {
		counts->failed++;
		counts->errnos |= CAPMON_QUESTION;
		return;
	}
	/* Large addresses are not errors. */
	if (result >= 0 || result < -4095) {
		counts->succeeded++;
		return;
	}
	counts->failed++;
	counts->errnos |= 1ULL << (-result > 62 ? 63 : -result);
}

static __always_inline void settle_all(struct task_struct *task, long result)
{
	struct pending_checks *waiting = bpf_task_storage_get(&pending, task, 0, 0);
	bool question;
	__u16 syscall;
	int i;

	if (!waiting || !waiting->count || waiting->watch != settings.watch_outcomes)
		return;
	syscall = syscall_of(task);
	question = waiting->question && result == EMPTY_REQUEST_BYTES;
#pragma unroll
	for (i = 0; i < MAX_PENDING; i++) {
		if (i < waiting->count && waiting->keys[i].syscall == syscall)
			settle(&waiting->keys[i], result, question);
	}
	waiting->count = 0;
}
