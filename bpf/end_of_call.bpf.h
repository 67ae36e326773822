/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * How a system call ended, without a program on every system call of the host: since 6.18 a check can
 * give its task work to do on the way back to user mode, when the result is in its registers. It costs
 * an interrupt of the CPU to itself, so it is done only where the result may change a verdict.
 */
#pragma once

#include "calls.bpf.h"
#include "outcome.bpf.h"

/* As the kernel defines it; found by its name in the map's value. */
struct bpf_task_work {
	__u64 opaque;
} __attribute__((aligned(8)));

struct awaited_end {
	struct bpf_task_work work;
};

/* Threads that are in a system call whose end is awaited. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, struct awaited_end);
} awaited_ends SEC(".maps");

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

/* The watch of checks whose end is awaited so. */
#define AWAITED 1

/* Unused where no end can be awaited. */
static __attribute__((unused)) int at_end_of_call(struct bpf_map *map, void *key, void *value)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 thread = *(__u64 *)key; /* the first thread takes its number on when another executes */
	const struct pt_regs *registers = user_registers(task);
	long result = (long)RESULT(registers);

	bpf_map_delete_elem(&awaited_ends, &thread);
	if (TASK_READ(task, flags) & PF_EXITING)
		return 0; /* it never returned */
	settle_all(task, AWAITED, result);
	notice_sets(task, syscall_of(task), in_compat_syscall(task), result);
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

enum awaited { NOT_AWAITED, AWAITED_BEFORE, AWAITED_NOW };

static __always_inline enum awaited await_end(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 thread = bpf_get_current_pid_tgid();
	struct awaited_end none = {}, *awaited;

	if (bpf_map_update_elem(&awaited_ends, &thread, &none, BPF_NOEXIST))
		return bpf_map_lookup_elem(&awaited_ends, &thread) ? AWAITED_BEFORE : NOT_AWAITED;
	awaited = bpf_map_lookup_elem(&awaited_ends, &thread);
	if (awaited && !schedule_end(task, awaited))
		return AWAITED_NOW;
	bpf_map_delete_elem(&awaited_ends, &thread);
	return NOT_AWAITED;
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
	enum awaited awaited;

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
	if (awaited == NOT_AWAITED)
		charge_task(task, CAPMON_LOSS_OUTCOME);
	else
		keep_pending(key, AWAITED, awaited == AWAITED_NOW);
}
