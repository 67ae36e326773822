/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * Tasks of a container that leave its cgroup: with SYS_ADMIN a container can mount a v1 hierarchy and
 * move to any cgroup of it. What they do from then on is still charged to their container, as
 * left_container() finds it.
 */
#pragma once

#include "lineage.bpf.h"

/* Of any task, not of the running one alone. */
static __always_inline struct lineage *lineage_of_task(struct task_struct *task)
{
	struct lineage *lineage;
	__u32 thread;

	if (TASK_STORAGE)
		return bpf_task_storage_get(&lineages, task, 0, 0);
	thread = BPF_CORE_READ(task, pid);
	lineage = bpf_map_lookup_elem(&lineages_by_thread, &thread);
	return lineage && lineage->start_time == BPF_CORE_READ(task, start_time) ? lineage : 0;
}

static __always_inline void notice_move(struct task_struct *task, struct cgroup *destination)
{
	struct lineage *lineage = lineage_of_task(task);

	if (!lineage || is_within(destination, lineage))
		return;
	if (is_marked(lineage->cgroup_id, CAPMON_PLACE_CONTAINER))
		any_has_left = 1;
	charge_loss(owner_record(lineage->cgroup_id), CAPMON_LOSS_LEFT_CGROUP);
}

/* A process made in another cgroup: clone3(2) with CLONE_INTO_CGROUP. */
static __always_inline void notice_birth(struct task_struct *task)
{
	struct cgroup *cgroup = cgroup_of_task(task);

	if ((__u64)cgroup != (__u64)cgroup_of_task(current_task()))
		notice_move(task, cgroup);
}
