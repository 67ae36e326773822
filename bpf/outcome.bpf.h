/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * How the system calls behind the checks ended. Seen at the end of the call: in work that the task does
 * then (end_of_call.bpf.h), or by a program on every system call of the host, which capmond attaches
 * only for a while.
 */
#pragma once

#include "question.bpf.h"

#define OUTCOMES_POSSIBLE bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_storage_get)

/*
 * Whether the end of this call may change a verdict, by what this CPU counted before: a capability that
 * was granted only to calls that failed is not needed, one that was refused only to calls that succeeded
 * is not missed.
 */
static __always_inline bool outcome_matters(const struct capmon_check_key *key,
					    const struct capmon_check_counts *counts)
{
	__u64 count = counts->count;

	if (count < CAPMON_SETTLED_OF_EACH || (count & (count - 1)) == 0)
		return true;
	if (key->granted ? counts->succeeded : counts->errnos != CAPMON_QUESTION)
		return false;
	return count < CAPMON_SETTLED_AT_FIRST || count % CAPMON_SETTLED_LATER == 0;
}

/* `watch`: see pending_checks. `first`: nothing of this call was kept before. */
static __always_inline void keep_pending(const struct capmon_check_key *key, __u32 watch, bool first)
{
	struct pending_checks *waiting;
	const struct capmon_check_key *last;

	waiting = bpf_task_storage_get(&pending, bpf_get_current_task_btf(), 0,
				       BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!waiting) {
		charge_task(current_task(), CAPMON_LOSS_OUTCOME);
		return;
	}
	/* Left behind by a call that never returned here, or whose end was not seen. */
	if (first || waiting->watch != watch ||
	    (waiting->count && waiting->keys[0].syscall != key->syscall))
		waiting->count = 0;
	if (!waiting->count)
		waiting->question = 0;
	waiting->watch = watch;
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

static __always_inline void await_outcome(const struct capmon_check_key *key)
{
	if (OUTCOMES_POSSIBLE && settings.watch_outcomes && key->syscall != CAPMON_NO_SYSCALL)
		keep_pending(key, settings.watch_outcomes, false);
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
		__sync_fetch_and_add(&counts->failed, 1);
		counts->errnos |= CAPMON_QUESTION;
		return;
	}
	/* Large addresses are not errors. */
	if (result >= 0 || result < -4095) {
		__sync_fetch_and_add(&counts->succeeded, 1);
		return;
	}
	__sync_fetch_and_add(&counts->failed, 1);
	counts->errnos |= 1ULL << (-result > 62 ? 63 : -result);
}

static __always_inline void settle_all(struct task_struct *task, __u32 watch, long result)
{
	struct pending_checks *waiting = bpf_task_storage_get(&pending, task, 0, 0);
	bool question;
	__u16 syscall;
	int i;

	if (!waiting || !waiting->count || waiting->watch != watch)
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
