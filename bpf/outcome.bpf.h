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

/* For a program on every system call. */
static __always_inline void keep_while_watched(const struct capmon_check_key *key)
{
	struct pending_checks *waiting;

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
	if (!add_pending(waiting, key))
		charge_task(current_task(), CAPMON_LOSS_OUTCOME);
}

static __always_inline void await_outcome(const struct capmon_check_key *key)
{
	if (OUTCOMES_POSSIBLE && settings.watch_outcomes && key->syscall != CAPMON_NO_SYSCALL)
		keep_while_watched(key);
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

static __always_inline void settle_all(const struct pending_checks *waiting, __u16 syscall,
				       long result)
{
	bool question = waiting->question && result == EMPTY_REQUEST_BYTES;
	int i;

#pragma unroll
	for (i = 0; i < MAX_PENDING; i++) {
		if (i < waiting->count && waiting->keys[i].syscall == syscall)
			settle(&waiting->keys[i], result, question);
	}
}

static __always_inline void settle_watched(struct task_struct *task, long result)
{
	struct pending_checks *waiting = bpf_task_storage_get(&pending, task, 0, 0);

	if (!waiting || !waiting->count || waiting->watch != settings.watch_outcomes)
		return;
	settle_all(waiting, syscall_of(task), result);
	waiting->count = 0;
}
