/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * How a system call ended, without a program on every system call of the host: since 6.18 a check can
 * give its task work to do on the way back to user mode, when the result is in its registers. It costs
 * an interrupt of the CPU to itself, so it is done only where the result may change a verdict.
 */
#pragma once

#include "calls.bpf.h"
#include "outcome.bpf.h"

extern int bpf_task_work_schedule_resume_impl(struct task_struct *task, struct bpf_task_work *work,
					      void *map__map,
					      int (*callback)(struct bpf_map *map, void *key,
							      void *value),
					      void *aux__prog) __ksym __weak;
/* Since 7.0. */
extern int bpf_task_work_schedule_resume(struct task_struct *task, struct bpf_task_work *work,
					 void *map__map,
					 int (*callback)(struct bpf_map *map, void *key,
							 void *value)) __ksym __weak;

/* Unused where no end can be awaited. */
static __attribute__((unused)) int at_end_of_call(struct bpf_map *map, void *key, void *value)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 thread = *(__u64 *)key; /* the first thread takes its number on when another executes */
	const struct pt_regs *registers = user_registers(task);
	bool compat = in_compat_syscall(task);
	long result = whole_result((long)RESULT(registers), compat);
	__u16 syscall = syscall_of(task);
	struct awaited_end *awaited = value;

	if (!(TASK_READ(task, flags) & PF_EXITING)) { /* else it never returned */
		settle_all(&awaited->checks, syscall, result);
		notice_sets(task, syscall, compat, result);
	}
	bpf_map_delete_elem(&awaited_ends, &thread);
	return 0;
}

/* Gives the running task work to do. Negative if that is not possible. */
static __always_inline int schedule_end(struct task_struct *task, struct awaited_end *awaited)
{
#if KERNEL_CALLS >= KERNEL_CALLS_7_0
	return bpf_task_work_schedule_resume(task, &awaited->work, &awaited_ends, at_end_of_call);
#elif KERNEL_CALLS >= KERNEL_CALLS_6_18
	return bpf_task_work_schedule_resume_impl(task, &awaited->work, &awaited_ends,
						  at_end_of_call, 0);
#else
	return -1;
#endif
}

const __u8 nothing_awaited[sizeof(struct awaited_end)] = {};

/* What is kept until the end of the running task's call. Null if its end cannot be awaited. */
static __always_inline struct awaited_end *await_end(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 thread = bpf_get_current_pid_tgid();
	struct awaited_end *awaited = bpf_map_lookup_elem(&awaited_ends, &thread);

	if (awaited)
		return awaited; /* by an earlier check of the same call */
	if (bpf_map_update_elem(&awaited_ends, &thread, nothing_awaited, BPF_NOEXIST))
		return 0;
	awaited = bpf_map_lookup_elem(&awaited_ends, &thread);
	if (awaited && !schedule_end(task, awaited))
		return awaited;
	bpf_map_delete_elem(&awaited_ends, &thread);
	return 0;
}

static __always_inline bool executes(struct task_struct *task)
{
	__u16 call = sets_call(syscall_of(task), in_compat_syscall(task));

	return call == EXECVE || call == EXECVEAT;
}

/*
 * The memory for a new program's stack is checked like all memory, so every exec gets here, also one
 * that is then refused for the capabilities of its file.
 */
static __always_inline void await_exec(void)
{
	struct task_struct *task = current_task();
	struct cgroup *cgroup;

	if (!executes(task))
		return;
	cgroup = cgroup_of_task(task);
	if (stored_lineage() || is_marked(owner_of_cgroup(cgroup), CAPMON_PLACE_CONTAINER))
		await_end();
}

static __always_inline void await_end_of(const struct seen_check *check,
					 const struct capmon_check_key *key,
					 struct capmon_check_counts *counts)
{
	struct task_struct *task = current_task();
	struct awaited_end *awaited;

	if (check->quiet) {
		await_exec();
		return;
	}
	if (key->syscall == CAPMON_NO_SYSCALL)
		return;
	if (!outcome_matters(key, counts) && sets_call(key->syscall, key->traits & CAPMON_COMPAT) != CAPSET)
		return;
	/* A tracer may change the result before the task's work sees it. */
	if (TASK_READ(task, ptrace)) {
		if (key->granted)
			counts->succeeded++;
		return;
	}
	awaited = await_end();
	if (!awaited || !add_pending(&awaited->checks, key))
		charge_task(task, CAPMON_LOSS_OUTCOME);
}
